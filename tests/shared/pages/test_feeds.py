"""RSS and Atom as found today."""

from __future__ import annotations

import pytest
from hypothesis import given

from shared.pages.building import WebPage
from shared.pages.reading import read_page
from tests.growth import Maker, assert_linear, repetitions

BASE = "https://a.example/feeds/news.xml"


def read(xml: str, media_type: str = "application/rss+xml") -> WebPage:
    return read_page(xml.encode(), BASE, media_type)


def read_item(xml: str) -> list[str]:
    page = read(
        f'<?xml version="1.0"?><rss version="2.0"><channel><item>{xml}</item></channel></rss>'
    )
    return [image.url.removeprefix("https://a.example/") for image in page.images]


@pytest.mark.parametrize(
    ("xml", "images"),
    [
        ('<description><![CDATA[<img src="/1.jpg"> x <img src="/2.jpg">]]></description>', "1 2"),
        ('<content:encoded><![CDATA[<p><img src="/1.jpg"/>]]></content:encoded>', "1"),
        ("<description>&lt;img src=&quot;/1.jpg&quot;&gt; &amp;amp; more</description>", "1"),
        ("<description>a &lt;b&gt; &amp;lt;img src=/1.jpg&amp;gt;</description>", ""),
        ("<description><![CDATA[a </description> <img src=/1.jpg>]]></description>", "1"),
        ('<enclosure url="/1.jpg" type="image/jpeg" length="9"/>', "1"),
        ('<enclosure url="/1.jpg"/><enclosure url="/2.mp3" type="audio/mpeg"/>', "1"),
        *(
            (f'<enclosure url="/1.jpg" type="{kind}"/><enclosure url="/v" type="{kind}"/>', "1")
            for kind in ("application/octet-stream", "binary/octet-stream", "jpg", "")
        ),
        (
            '<media:content url="/1.jpg" medium="image"/><media:content url="/v" medium="video"/>',
            "1",
        ),
        ('<media:group><media:content url="/1.jpg" type="image/jpeg"/></media:group>', "1"),
        ('<media:thumbnail url="/1.jpg"/>', "1"),
        ('<media:thumbnail url="/1.jpg"/><enclosure url="/2.jpg" type="image/png"/>', "2"),
        ('<itunes:image href="/1.jpg"/>', "1"),
        ("<image><url>/1.jpg</url><title>x</title><link>/</link></image>", "1"),
        ("<image>/1.jpg</image>", "1"),
        ("<title><![CDATA[<img src=/1.jpg>]]></title>", ""),
    ],
)
def test_images_of_an_item(xml: str, images: str) -> None:
    assert read_item(xml) == [f"{name}.jpg" for name in images.split()]


def test_everything_that_an_item_says() -> None:
    page = read("""<rss><channel><title>News &amp; more</title><link>https://a.example/</link>
        <atom:link rel="self" href="https://a.example/feeds/news.xml"/>
        <image><url>/logo.png</url><title>Logo</title><link>/logo</link></image>
        <item><title><![CDATA[A <b>cat</b>]]></title>
          <description><![CDATA[<img src="b.jpg" alt="B">]]></description>
          <link>https://a.example/cats/1.html</link>
          <media:content url="/a.jpg" medium="image"><media:title>Tom</media:title>
            <media:description>Tom on the roof</media:description>
            <media:credit role="photographer">Ada</media:credit>
            <media:license href="https://creativecommons.org/licenses/by/4.0/">BY</media:license>
          </media:content></item>
        <item><link>/cats/2.html</link><enclosure url="c.jpg" type="image/jpeg"/></item>
        </channel></rss>""")
    terms = "https://creativecommons.org/licenses/by/4.0/"
    assert page.title == "News & more"
    assert page.links == [
        f"https://a.example/{path}" for path in ("", "cats/1.html", "cats/2.html")
    ]
    first, second, third = page.images
    assert [first.url, second.url, third.url] == [
        f"https://a.example/{path}" for path in ("cats/b.jpg", "a.jpg", "cats/c.jpg")
    ]
    assert (first.alt, first.title) == ("B", None)
    assert (second.title, second.caption) == ("Tom", "Tom on the roof")
    assert [image.license for image in page.images] == [terms, terms, None]
    assert [image.attribution for image in page.images] == ["Ada", "Ada", None]
    assert {image.source_page for image in page.images} == {BASE}


def test_atom() -> None:
    page = read(
        """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">
        <title>Cats</title><link href="https://a.example/"/><logo>/logo.png</logo>
        <link rel="self" href="https://a.example/feeds/news.xml"/>
        <entry><title>One</title><link href="/1"/><link rel="license" href="/cc0"/>
          <link rel="enclosure" type="image/jpeg" href="/a.jpg"/>
          <content type="html">&lt;img src="/b.jpg"&gt;</content></entry>
        <entry><content type="xhtml"><img src="/c.jpg" alt="x &amp; y"/></content></entry>
        <entry><content type="image/png" src="/d"/><summary type="html"/></entry></feed>""",
        "application/atom+xml",
    )
    assert [image.url[-5:] for image in page.images] == ["b.jpg", "a.jpg", "c.jpg", "ple/d"]
    assert [image.license for image in page.images[:2]] == ["https://a.example/cc0"] * 2
    assert (page.images[1].title, page.images[2].alt) == ("One", "x & y")
    assert page.links == ["https://a.example/", "https://a.example/1"]


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        ("<rss>", "text/html"),
        ("<rss>", "application/octet-stream+xml"),
        ("\n<!-- x --><?xml-stylesheet href='x'?><rss>", "text/xml"),
        ("<rdf:RDF>", "application/rdf+xml"),
    ],
)
def test_a_feed_is_one_whatever_it_is_sent_as(start: str, media_type: str) -> None:
    item = "<item><description><![CDATA[<img src=/1.jpg>]]></description></item>"
    assert len(read(f"{start}{item}", media_type).images) == 1


def test_other_xml_is_read_for_its_images() -> None:
    page = read(
        '<?xml version="1.0"?><html><head><title/><script/></head><body><![CDATA[<img src="/no">]]>'
        '<img src="/1.jpg"/></body></html>',
        "application/xhtml+xml",
    )
    assert [image.url for image in page.images] == ["https://a.example/1.jpg"]


def test_a_feed_may_name_its_base() -> None:
    page = read(
        """<feed xml:base="https://b.example/x/"><entry xml:base="y/"><link href="https://c.example/"/>
        <content type="html">&lt;img src="1.jpg"&gt;</content>
        <content type="xhtml" xml:base="z/"><div><img src="2.jpg"/></div></content>
        <link rel="enclosure" type="image/jpeg" href="3.jpg"/></entry>
        <entry><content type="html">&lt;img src="4.jpg"&gt;</content></entry></feed>"""
    )
    assert [image.url.removeprefix("https://b.example/x/") for image in page.images] == [
        *("y/1.jpg", "y/z/2.jpg", "y/3.jpg", "4.jpg")
    ]


def test_a_feed_that_was_cut_off_gives_what_it_holds() -> None:
    page = read(
        "<rss><item><enclosure url='/1.jpg'/></item><item><description>&lt;img src=/2.jpg&gt;"
    )
    assert [image.url[-5:] for image in page.images] == ["1.jpg", "2.jpg"]


TOKENS = [
    b"<rss>",
    b"<item>",
    b"</item>",
    b"<description>",
    b"</description>",
    b"<![CDATA[",
    b"]]>",
]
TOKENS += [b"<link>", b"</link>", b"<link href=a>", b"<media:content url=a>", b"<image>", b"<url>"]
TOKENS += [
    b"&lt;img src=a&gt;",
    b"<img src=a>",
    b"&",
    b"<title>",
    b"<content type=xhtml>",
    b"<!",
    b"a",
]


@given(repetitions(TOKENS))
def test_time_grows_no_faster_than_the_feed(make: Maker) -> None:
    assert_linear(lambda data: read_page(b"<rss>" + data, BASE), make, 10_000)


TERMS = (
    "<rsl:content url='/'><rsl:license><rsl:{0} type='usage'>ai-train</rsl:{0}></rsl:license>"
    "</rsl:content>"
)


@pytest.mark.parametrize(
    ("said", "terms"),
    [
        (TERMS.format("prohibits"), False),
        (TERMS.format("permits"), True),
        (TERMS.format("permits") + TERMS.format("prohibits"), False),
        ("<rsl:content url='/'/>", None),
        ("<rsl:content>&entity;</rsl:content>", None),
        ("<content>x</content>", None),
    ],
)
def test_rsl_terms_of_an_item_are_about_its_images(said: str, terms: bool | None) -> None:
    page = read(f"""<rss><channel>
        <item><enclosure url="/1.jpg" type="image/jpeg"/>{said}</item>
        <item><enclosure url="/2.jpg" type="image/jpeg"/></item></channel></rss>""")
    assert [image.terms for image in page.images] == [terms, None]
    assert page.terms is None


def test_rsl_terms_of_a_feed_are_about_all_of_it() -> None:
    page = read(f"""<feed>{TERMS.format("prohibits")}
        <entry><link rel="enclosure" href="/1.jpg" type="image/jpeg"/></entry></feed>""")
    assert (page.terms, [image.terms for image in page.images]) == (False, [None])


def test_an_image_of_two_items_has_the_stricter_terms() -> None:
    items = "".join(
        f"<item><enclosure url='/1.jpg'/>{TERMS.format(name)}</item>"
        for name in ("prohibits", "permits")
    )
    page = read(f"<rss><channel>{items}</channel></rss>")
    assert [image.terms for image in page.images] == [False]
