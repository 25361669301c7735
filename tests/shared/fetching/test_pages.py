"""Images with what a page says about them, links, and wishes."""

from __future__ import annotations

from shared.fetching.pages import ImageLink, Page, extract, is_same_host

BASE = "https://www.example.com/gallery/cats.html"


def read(html: str, base: str = BASE) -> Page:
    return extract(html.encode(), base, "text/html; charset=utf-8")


def urls(html: str) -> list[str]:
    return [image.url for image in read(html).images]


def only(html: str) -> ImageLink:
    (image,) = read(html).images
    return image


def test_an_image_with_everything_said_about_it() -> None:
    image = only("""
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
    image = only('<img src=s.jpg width=10 height=10 srcset="a.jpg 320w, b.jpg 1280w,c.jpg 640w">')
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
        <img src="/pixel.gif" width=1 height=1> <img src="/pixel2.gif" height="0">
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
    image = only("""<img src="/cat.jpg" alt="A cat">
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
    image = only(
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
    assert read("") == Page([], [])


def test_texts_are_cut() -> None:
    assert len(only(f'<img src=a.jpg alt="{"x" * 5000}">').alt or "") == 2000


def test_same_host_is_offered_here() -> None:
    assert is_same_host("https://example.com/a", BASE)
    assert not is_same_host("https://img.example.com/a", BASE)
