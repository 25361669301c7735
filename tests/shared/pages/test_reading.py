"""Images with what a page says about them, links, and wishes."""

from __future__ import annotations

import pytest

from shared.fetching.headers import Refresh
from shared.fetching.urls import BadUrl
from shared.pages.building import ImageLink, PageRefresh, WebPage
from shared.pages.reading import read_page

BASE = "https://www.example.com/gallery/cats.html"


def read(html: str, base: str = BASE) -> WebPage:
    return read_page(html.encode(), base, "text/html; charset=utf-8")


def urls(html: str) -> list[str]:
    return [image.url for image in read(html).images]


def read_only_image(html: str) -> ImageLink:
    (image,) = read(html).images
    return image


def test_an_image_with_everything_said_about_it() -> None:
    image = read_only_image("""
        <figure>
          <a href="/cats"><img src="../img/tom cat.jpg?size=l&amp;v=2#top" alt=" A  tom&nbsp;cat "
             title="Tom" width="640" height='480'></a>
          <figcaption>Tom, <b>on the roof</b> &amp; happy
            <a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC</a></figcaption>
        </figure>""")
    assert image == ImageLink(
        url="https://www.example.com/img/tom%20cat.jpg?size=l&v=2",
        alt="A tom cat",
        caption="Tom, on the roof & happy CC",
        title="Tom",
        license="https://creativecommons.org/licenses/by/4.0/",
        width=640,
        height=480,
        source_page=BASE,
    )


def test_the_largest_of_a_srcset_is_taken() -> None:
    image = read_only_image(
        '<img src=s.jpg width=10 height=10 srcset="a.jpg 320w, b.jpg 1280w,c.jpg 640w">'
    )
    assert (image.url, image.width) == ("https://www.example.com/gallery/b.jpg", 1280)
    assert urls('<img src=s.jpg srcset="s.jpg, m.jpg 1.5x, l.jpg 2x">')[0].endswith("/l.jpg")
    assert urls('<img srcset="/w_300,h_200/a.jpg 300w, /w_600,h_400/a.jpg 600w">') == [
        "https://www.example.com/w_600,h_400/a.jpg"
    ]
    assert urls('<img src=s.jpg srcset="data:image/gif;base64,AAAA 1x">')[0].endswith("/s.jpg")
    assert urls('<img src=s.jpg srcset=" , ">')[0].endswith("/s.jpg")


def test_a_picture_is_one_image() -> None:
    found = urls("""<picture><source srcset="a.webp 400w, b.webp 800w" type="image/webp">
        <source data-srcset="c.jpg 1600w"><img src="d.jpg" alt="x"></picture><img src="e.jpg">
        <video><source src="v.mp4" srcset="poster.jpg"></video>""")
    assert [url.rpartition("/")[2] for url in found] == ["c.jpg", "e.jpg"]


def test_lazy_attributes_come_before_placeholders() -> None:
    assert urls('<img src="data:image/gif;base64,R0lGOD" data-src="/real.jpg">') == [
        "https://www.example.com/real.jpg"
    ]
    assert urls('<img src="spacer.gif" data-original="/real.jpg">') == [
        "https://www.example.com/real.jpg"
    ]
    assert urls('<noscript><img src="/real.jpg"></noscript>') == [
        "https://www.example.com/real.jpg"
    ]


def test_what_is_no_picture_is_skipped() -> None:
    assert (
        urls("""
        <img src="data:image/png;base64,AAAA"> <img src=""> <img alt="none">
        <img src="javascript:alert(1)"> <img src="file:///etc/passwd">
        <img src="http://user:pw@example.com/x.jpg"> <img src="http://[::1/x.jpg">
        <!-- <img src="/comment.jpg"> --> <script>'<img src="/script.jpg">'</script>
        <style>a::after{content:'<img src="/style.jpg">'}</style>
        <textarea><img src="/textarea.jpg"></textarea>
        <div data-html='<img src="/attribute.jpg">'></div>
    """)
        == []
    )


def test_images_named_in_head_links_and_anchors() -> None:
    page = read("""
        <meta property="og:image" content="/og.jpg"><meta name="twitter:image" content="/tw.png">
        <link rel="image_src" href="/src.jpg"> <link rel="stylesheet" href="/x.css">
        <a href="/full/CAT.JPEG?x=1" title="Full size">big</a> <a href="/about">about</a>
        <a href="/wiki/File:Cat.jpg">a page about a file</a>""")
    assert [image.url.rpartition("/")[2] for image in page.images] == [
        *("og.jpg", "tw.png", "src.jpg", "CAT.JPEG?x=1")
    ]
    assert page.images[-1].title == "Full size"
    assert page.links == [
        "https://www.example.com/about",
        "https://www.example.com/wiki/File:Cat.jpg",
    ]


def test_json_ld_adds_licence_and_credit() -> None:
    image = read_only_image("""<img src="/cat.jpg" alt="A cat">
        <script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
          {"@type": "Article", "image": {"@type": ["ImageObject"],
            "contentUrl": "https://www.example.com/cat.jpg", "caption": "Tom",
            "license": {"@id": "https://creativecommons.org/licenses/by-sa/4.0/"},
            "creator": [{"@type": "Person", "name": "Ada Example"}],
            "width": {"@type": "QuantitativeValue", "value": 800}, "height": "600px"}}]}
        </script>""")
    assert image.alt == "A cat"
    assert image.caption == "Tom"
    assert image.license == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert image.attribution == "Ada Example"
    assert (image.width, image.height) == (800, 600)


def test_json_ld_prefers_the_credit_text_and_survives_nonsense() -> None:
    html = '<script type="application/ld+json">{}</script>'
    image = read_only_image(
        html.format(
            '[{"@type":"ImageObject","contentUrl":"/a.jpg","license":"CC0",'
            '"creditText":"Museum","creator":{"name":"Ada"}}]'
        )
    )
    assert (image.license, image.attribution) == ("CC0", "Museum")
    for text in ("{", "[" * 100_000, '{"@type":"ImageObject"}', "null", '{"@type":{"a":[1]}}', ""):
        assert urls(html.format(text)) == []


def test_a_licence_outside_figures_holds_for_the_page() -> None:
    page = read("""<a rel="license" href="/cc0">CC0</a><img src="a.jpg">
        <figure><img src="b.jpg"><a rel="nofollow license" href="/by">BY</a></figure>""")
    assert [image.license for image in page.images] == [
        "https://www.example.com/cc0",
        "https://www.example.com/by",
    ]


def test_several_page_licences_hold_for_none() -> None:
    page = read('<link rel=license href=/a><a rel=license href=/b>b</a><img src="x.jpg">')
    assert [image.license for image in page.images] == [None]


def test_figures_keep_to_themselves() -> None:
    page = read("""<figure><img src=1.jpg><figure><img src=2.jpg><figcaption>two</figcaption>
        </figure><figcaption>one</figcaption></figure><img src=3.jpg>
        <figure><img src=4.jpg><figcaption>never closed""")
    assert [image.caption for image in page.images] == ["one", "two", None, None]


def test_addresses_appear_once_and_their_facts_add_up() -> None:
    page = read("""<meta property="og:image" content="/a.jpg"><img src="/a.jpg#x" alt="first">
        <img src="HTTPS://WWW.EXAMPLE.COM:443/a.jpg" alt="second" title="t">
        <a href="/a.jpg">x</a><a href="/p#1">p</a><a href="/p#2">p</a>""")
    (image,) = page.images
    assert (image.alt, image.title) == ("first", "t")
    assert page.links == ["https://www.example.com/p"]


def test_base_href_holds_for_what_follows() -> None:
    found = urls('<base href="//cdn.example.net/x/"><base href="/other/"><img src="a.jpg">')
    assert found == ["https://cdn.example.net/x/a.jpg"]


def test_wishes_and_title() -> None:
    page = read("""<title>Cats &amp; <i>dogs</i>
        </title><svg><title>icon</title></svg>
        <meta name="ROBOTS" content="NoIndex, noimageai"><meta name="googlebot" content="nofollow">
        <a rel="nofollow" href="/ad">ad</a><a href="/more">more</a>""")
    assert page.title == "Cats & dogs"
    assert page.directives == {"noindex", "noimageai"}
    assert page.links == ["https://www.example.com/more"]
    assert read('<meta name="pixmill" content="none">').directives == {"none"}
    assert read("") == WebPage([], [])


def test_texts_are_cut() -> None:
    assert len(read_only_image(f'<img src=a.jpg alt="{"x" * 5000}">').alt or "") == 2000


def test_declared_sizes_of_0_and_1_keep_no_picture_away() -> None:
    page = read("""<img src="/a.jpg" width="0" height="0" sizes="100vw">
        <img src="/b.jpg" width="1" height="1"> <img src=/c.jpg height=0 width=640>""")
    assert [(image.url[-5:], image.width, image.height) for image in page.images] == [
        *(("a.jpg", None, None), ("b.jpg", None, None), ("c.jpg", 640, None))
    ]


def test_images_of_svg_and_by_their_old_name() -> None:
    assert urls("<svg><image href=/a.jpg></image><image xlink:href=/b.jpg/></svg>") == [
        *("https://www.example.com/a.jpg", "https://www.example.com/b.jpg/")
    ]
    assert urls("<image src=/a.jpg>") == ["https://www.example.com/a.jpg"]


def test_the_title_is_not_that_of_a_drawing() -> None:
    page = read("<svg><title>icon</title><path/></svg><title>Cats</title><title>Dogs</title>")
    assert page.title == "Cats"


def test_addresses_are_resolved_as_browsers_do() -> None:
    found = urls("""<img src="\\\\b.example\\1.jpg"><img src=///b.example/2.jpg>
        <img src="https:/3.jpg"><img src="%2e%2e/4.jpg"><img src="a//b.jpg"><img src="/%7e%3C\0">
        <img src=" /6
          .jpg ">""")
    assert found == [
        *("https://b.example/1.jpg", "https://b.example/2.jpg", "https://www.example.com/3.jpg"),
        *("https://www.example.com/4.jpg", "https://www.example.com/gallery/a//b.jpg"),
        *(
            "https://www.example.com/%7e%3C%EF%BF%BD",
            "https://www.example.com/6%20%20%20%20%20%20%20%20%20%20.jpg",
        ),
    ]


def test_queries_are_in_the_encoding_of_the_page() -> None:
    page = read_page('<img src="/é?é">'.encode("cp1252"), BASE, "text/html; charset=latin1")
    assert [image.url for image in page.images] == ["https://www.example.com/%C3%A9?%E9"]


LONG = "/a.jpg?sig=" + "a" * 3000


@pytest.mark.parametrize(
    ("reference", "url", "reason"),
    [
        (LONG, f"https://www.example.com{LONG}"[:2047] + "…", "bad_url"),
        ("http://u:p@a.example/a.jpg", "http://***@a.example/a.jpg", "bad_url"),
        (f"//u:{'p' * 5000}@a.example/a.jpg", "https://***@a.example/a.jpg", "bad_url"),
        ("http://a.example\ufff9", "http://a.example", "bad_url"),
        (f"/{'b' * 4090}/../{'a' * 3000}", f"https://www.example.com/{'b' * 2023}…", "bad_url"),
        ("//a.example:99999/a.jpg", "https://a.example:99999/a.jpg", "bad_url"),
        ("http://a\u200b.b c/a.jpg", "http://a .b c/a.jpg", "bad_url"),
        ("http://[::1/a.jpg", "http://[::1/a.jpg", "bad_url"),
        ("http://a..b/a.jpg", "http://a..b/a.jpg", "bad_url"),
        ("ftp://a.example/a.jpg", "ftp://a.example/a.jpg", "unsupported_scheme"),
    ],
)
def test_images_whose_address_cannot_be_taken_are_told(
    reference: str, url: str, reason: str
) -> None:
    page = read(f'<img src="{reference}" srcset="/good.jpg"><img src="{reference}"><a href=x:y>')
    assert len(page.images) == 1
    (refused,) = page.refused
    assert (refused.url, refused.kind, refused.reason) == (url, "image", reason)
    assert refused.detail


def test_links_whose_address_cannot_be_taken_are_told_unless_they_lead_elsewhere() -> None:
    page = read("""<a href="//b.example:0/">x</a><a href="mailto:a@b.example">x</a>
        <a href="javascript:void(0)">x</a><a href="ftp://b.example">x</a><a>x</a><a href="">x</a>
        <a href="//u@b.example/" rel=nofollow>x</a>""")
    assert [(one.url, one.kind) for one in page.refused] == [("https://b.example:0/", "page")]


def test_an_address_may_be_that_of_a_link_and_an_image() -> None:
    page = read("<a href='//a:0/x'><img src='//a:0/x'></a><img src='//a:0/x'>")
    assert [(one.url, one.kind) for one in page.refused] == [
        *(("https://a:0/x", "page"), ("https://a:0/x", "image"))
    ]


def test_an_address_of_any_length_is_told_at_a_length_that_can_be_shown() -> None:
    (refused,) = read(f"<img src=/{'a' * 100_000}>").refused
    assert len(refused.url) == 2048


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("0; url=/next", (0, "next")),
        ("5;URL='/next' ; x", (5, "next")),
        (' 3 , url = "/next"', (3, "next")),
        ("1.5;/next", (1, "next")),
        (".5 /next", (0, "next")),
        ("0;url=/next page", (0, "next%20page")),
        ("9" * 5000 + ";/next", (999_999_999, "next")),
        ("0;urls/next", (0, "gallery/urls/next")),
        *((text, (5, "gallery/cats.html")) for text in ("5", "5;", "5;url=", "5;url=cats.html#x")),
        *((text, None) for text in ("", "/next", "x; url=/next", "0url=/next")),
    ],
)
def test_where_a_meta_refresh_leads(content: str, expected: tuple[int, str] | None) -> None:
    refresh = read(
        f'<meta http-equiv=Refresh content="{content.replace(chr(34), "&quot;")}">'
    ).refresh
    found = refresh and (
        refresh.seconds,
        str(refresh.target).removeprefix("https://www.example.com/"),
    )
    assert found == expected


@pytest.mark.parametrize(
    "reference", ["ftp://a", "//a:99999/", "//u:p@a/", "javascript:x()", "data:text/html,x"]
)
def test_a_refresh_may_lead_to_no_web_address(reference: str) -> None:
    refresh = read(f'<meta http-equiv=refresh content="0;url={reference}">').refresh
    assert refresh is not None
    assert isinstance(refresh.target, BadUrl)


def test_the_first_refresh_counts_and_before_one_for_those_who_run_no_scripts() -> None:
    metas = [f'<meta http-equiv=refresh content="0;url=/{name}">' for name in ("enable", "a", "b")]
    alone = f"<noscript>{metas[0]}</noscript>"
    page = read("".join((alone, *metas[1:])))
    assert page.refresh == PageRefresh(0, "https://www.example.com/a")
    assert page.refresh.is_redirect
    page = read(alone)
    assert page.refresh == PageRefresh(0, "https://www.example.com/enable", without_scripts=True)
    assert not page.refresh.is_redirect
    page = read_page(metas[0].encode(), "http://a.example/", refresh=Refresh(11, "/header"))
    assert page.refresh == PageRefresh(11, "http://a.example/header")
    assert not page.refresh.is_redirect


def test_the_first_base_counts_whatever_it_says() -> None:
    page = read("<base target=_top><base href='http://a:99999/'><base href=/b/><img src=c.jpg>")
    assert [one.url for one in page.images] == ["https://www.example.com/gallery/c.jpg"]


@pytest.mark.parametrize("name", ["robots", " ROBOTS ", "pixmill", "Pixmill/0.1", "Pixmill Bot"])
def test_wishes_of_a_page_are_heard_wherever_they_stand(name: str) -> None:
    page = read(f'<body><div><meta name="{name}" content="noimageindex, nofollow"><img src=/a.jpg>')
    assert page.directives == {"noimageindex", "nofollow"}


@pytest.mark.parametrize("given", ["http-equiv=X-Robots-Tag", "property=og:x name=robots"])
def test_wishes_of_a_page_are_heard_under_other_names(given: str) -> None:
    assert read(f"<meta {given} content='noindex'>").directives == {"noindex"}


RULE = '<content url=""><license><{} type="usage">ai-train</{}></license></content>'
PERMITTED, PROHIBITED = (RULE.format(rule, rule) for rule in ("permits", "prohibits"))


@pytest.mark.parametrize(
    ("inside", "terms"),
    [
        ([PERMITTED], True),
        ([PROHIBITED], False),
        ([PERMITTED, PROHIBITED], False),
        ([PROHIBITED, PERMITTED], False),
        (["", "no XML <", PERMITTED], True),
        ([""], None),
        ([], None),
    ],
)
def test_terms_inside_a_page(inside: list[str], terms: bool | None) -> None:
    """RSL 1.0 §4.6.2."""
    scripts = "".join(
        f'<script type="application/rsl+xml"><rsl xmlns="https://rslstandard.org/rsl">{one}</rsl>'
        "</script>"
        for one in inside
    )
    assert read_page(scripts.encode(), "https://a.example/").terms is terms
