"""Tags out of messy and hostile HTML, as the standard's tokenizer finds them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from turbohtml.saxparse import StartElement, iter_events

from shared.pages.markup import read_tags, read_text, read_xml_text
from tests.growth import Maker, assert_linear, repetitions

IMG = frozenset({"img"})


def read_sources(html: str, *, xml: bool = False) -> list[str]:
    return [tag.attributes.get("src", "") for tag in read_tags(html, IMG, xml=xml)]


@pytest.mark.parametrize(
    ("html", "attributes"),
    [
        ('<img src="a.jpg" alt="x">', {"src": "a.jpg", "alt": "x"}),
        ("<IMG SRC=a.jpg/>", {"src": "a.jpg/"}),
        ("<img src='a.jpg'/>", {"src": "a.jpg"}),
        ("<img\nsrc\t=\n'a.jpg' hidden alt=x>", {"src": "a.jpg", "hidden": "", "alt": "x"}),
        ('<img alt="a > b" src=c>', {"alt": "a > b", "src": "c"}),
        ('<img alt="a"src="b"/alt=c>', {"alt": "a", "src": "b"}),
        ("<img alt=it's src=b>", {"alt": "it's", "src": "b"}),
        ('<img alt=a"b src=c">', {"alt": 'a"b', "src": 'c"'}),
        ('<img src=/a?b="c>d" >', {"src": '/a?b="c'}),
        ('<img =" > src=b>', {'="': ""}),
        ("<img src= >", {"src": ""}),
        ("<img src=a src=b>", {"src": "a"}),
        (
            '<img alt="&lt;&quot;&#39;&eacute;" src=?a=1&amp;b=2>',
            {"alt": "<\"'é", "src": "?a=1&b=2"},
        ),
        ("<img src='?a=1&copy=2&region=eu'>", {"src": "?a=1&copy=2&region=eu"}),
    ],
)
def test_attributes(html: str, attributes: dict[str, str]) -> None:
    assert next(read_tags(html, IMG)).attributes == attributes


@pytest.mark.parametrize(
    ("html", "sources"),
    [
        ("<p <img src=a>", []),
        ("<img src=a", []),  # cut off, and perhaps in the middle of the address
        ("<img src='a><img src=b>", []),
        ("<b title='<img src=no>'><img src=yes>", ["yes"]),
        ("<!-- <img src=no> --><img src=yes>", ["yes"]),
        ("<!-- <img src=no> --!><img src=yes>", ["yes"]),
        ("<!--><img src=yes>-->", ["yes"]),
        ("<!---><img src=yes>-->", ["yes"]),
        ("<!--!><img src=no>--><img src=yes>", ["yes"]),
        ("<!doctype html><?x <img src=no> ?><img src=yes>", ["yes"]),
        ("<imgs src=no><img/src=yes>", ["yes"]),
        ("1 < 2 <3 </> <img src=yes>", ["yes"]),
        ("</ <img src=no><img src=yes>", ["yes"]),
        ("</3 <img src=no><img src=yes>", ["yes"]),
        ("<![CDATA[<img src=no>]]><img src=yes>", ["yes"]),
        ("<![CDATA[ > <img src=yes>]]>", ["yes"]),
    ],
)
def test_what_is_a_tag(html: str, sources: list[str]) -> None:
    assert read_sources(html) == sources


@pytest.mark.parametrize(
    ("html", "sources"),
    [
        ("<script>a<b '<img src=no>'</script ><img src=yes>", ["yes"]),
        ("<script/><img src=no></script><img src=yes>", ["yes"]),
        ("<script><!-- <script> </script> <img src=no> --></script><img src=yes>", ["yes"]),
        ("<script><!-- </script><img src=yes>", ["yes"]),
        ("<script><!--> <script></script><img src=yes>", ["yes"]),
        ("<style>a:after{content:'<img src=no>'}</STYLE><img src=yes>", ["yes"]),
        ("<title><img src=no></title><img src=yes>", ["yes"]),
        ("<title/><img src=no></title><img src=yes>", ["yes"]),
        ("<textarea><img src=no></textareas></textarea/><img src=yes>", ["yes"]),
        *(
            (f"<{name}><img src=no></{name}><img src=yes>", ["yes"])
            for name in ("iframe", "noembed", "noframes", "xmp")
        ),
        ("<noscript><img src=yes></noscript>", ["yes"]),
        ("<plaintext><img src=no></plaintext><img src=no>", []),
        ("<title><img src=no>", []),
    ],
)
def test_text_elements(html: str, sources: list[str]) -> None:
    assert read_sources(html) == sources


@pytest.mark.parametrize(
    "name", ["title", "style", "script", "textarea", "xmp", "iframe", "noembed"]
)
@pytest.mark.parametrize("root", ["svg", "math"])
def test_svg_and_mathml_have_no_text_elements(root: str, name: str) -> None:
    assert read_sources(f"<{root}><{name}/><g/></{root}><img src=yes>") == ["yes"]
    assert read_sources(f"<{root}><g><{name}></g></{root}><img src=yes>") == ["yes"]
    assert read_sources(f"<{root}></{root}><{name}><img src=no></{name}><img src=yes>") == ["yes"]


@pytest.mark.parametrize(
    "html",
    [
        "<svg><![CDATA[<img src=no>]]></svg><img src=yes>",
        "<svg><title><![CDATA[<img src=no>]]></title></svg><img src=yes>",
        "<svg/><title><img src=no></title><img src=yes>",
        "<svg><title><style><img src=no></style></title></svg><img src=yes>",
        "<svg><foreignObject><textarea><img src=no></textarea></foreignObject></svg><img src=yes>",
        "<svg><g><p><title><img src=no></title><img src=yes>",  # HTML goes on at the <p>
        "<svg><g></p><title><img src=no></title><img src=yes>",
        "<svg><font color=red><title><img src=no></title><img src=yes>",
        "<svg><font><title/><img src=yes>",
        "<math><mi><title><img src=no></title></mi></math><img src=yes>",
        "<math><title><style/></title></math><img src=yes>",
        '<math><annotation-xml encoding="text/html"><xmp><img src=no></xmp></math><img src=yes>',
        "<math><annotation-xml><xmp/></annotation-xml></math><img src=yes>",
        "<svg><path d=M0/></path></svg><img src=yes>",
        "<svg><title><div><![CDATA[><img src=yes>",  # HTML, which has no CDATA
        "<svg><title><title>a</title><style><img src=no></style></title></svg><img src=yes>",
        "<input><svg></input><title/></svg><img src=yes>",  # no input is open
        "<svg><title><td><![CDATA[><img src=no>]]><img src=yes>",  # no table is open
        "<svg><title><table><td></table><![CDATA[><img src=no>]]><img src=yes>",
        "<svg><title><table><td><![CDATA[><img src=yes>",
        "<svg><title><select></title><style><img src=no></style><img src=yes>",  # not ended yet
    ],
)
def test_where_svg_and_mathml_end(html: str) -> None:
    assert read_sources(html) == ["yes"]


def test_xml_closes_its_elements_and_holds_character_data() -> None:
    assert read_sources("<title/><script/><img src='yes'/>", xml=True) == ["yes"]
    assert read_sources("<a><![CDATA[<img src='no'>]]></a><img src='yes'/>", xml=True) == ["yes"]
    assert read_sources("<?php '<img src=no>' > ?><img src='yes'/>", xml=True) == ["yes"]
    text = "<title>a <![CDATA[</title>]]> b</title><img src='yes'/>"
    assert read_sources(text, xml=True) == ["yes"]
    (title,) = (one for one in read_tags(text, frozenset({"title"}), xml=True) if not one.closing)
    assert read_xml_text(title.content) == "a </title> b"
    assert read_xml_text("&lt;b&gt; <![CDATA[&lt;]]> &amp;amp; <![CDATA[x") == "<b> &lt; &amp; x"


def test_read_text() -> None:
    assert read_text("a<br>b <b>c</b>&nbsp;&amp;<!-- no --> d < e") == "a b c & d < e"
    assert read_text("a<script>no</script><style>no</style><textarea>&lt;i></textarea>") == "a <i>"


PIECES = (
    *("<img src=1>", "<img src='2' alt=x/>", "<img/src=3/>", "<a href=4>", "</a>"),
    *("<meta content=5>", "<svg>", "</svg>", "<svg/>", "<math>", "</math>", "<mi>", "</mi>"),
    *("<g>", "</g>", "<path/>", "<foreignObject>", "</foreignObject>", "<desc>", "</desc>"),
    *("<div>", "</div>", "<p>", "</p>", "</br>", "<font color=red>", "<font>"),
    *("<title>", "</title>", "<title/>", "<style>", "</style>", "<style/>", "<script>"),
    *("</script>", "<script><!--", "<script/>", "<textarea>", "</textarea>", "<noscript>"),
    *("<annotation-xml encoding='text/html'>", "<annotation-xml>", "</annotation-xml>", "<mtext>"),
    *("<svg><title>", "<svg><style>", "<![CDATA[", "<![CDATA[<img src=8>]]>", "<![CDATA[>"),
    *("<table>", "<td>", "</table>", "<select>", "<option>", "<template>", "</template>", "<li>"),
    *("</noscript>", "<xmp>", "</xmp>", "<iframe>", "</iframe>", "<!--", "-->", "--!>", "<!-->"),
    *("]]>", "<!x", ">", "<?php ", "?>", "</ ", "</>", "</3", "<", "&copy", '"'),
    *("'", "=", "<b x='", '<b x="', "\n", "x ", "<b x='<img src=6>'>", '<b =" >', '<b a=b"c>'),
)


def read_with_browser_rules(html: str) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    return {
        (event.tag, tuple((name, value or "") for name, value in event.attrs))
        for event in iter_events(html)
        if isinstance(event, StartElement) and event.tag in ("a", "img", "meta")
    }


@settings(max_examples=2000)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_the_tags_are_those_of_a_parser_that_follows_the_standard(html: str) -> None:
    """Compared as sets: the standard's tree holds links again that were not closed."""
    tags = read_tags(html, frozenset({"a", "img", "meta"}))
    found = {(tag.name, tuple(tag.attributes.items())) for tag in tags if not tag.closing}
    assert found == read_with_browser_rules(html)


TOKENS = [
    *(b"<", b">", b"</", b"/", b"=", b'"', b"'", b" ", b"<a ", b'<a b="', b"<a b='", b"<a b=c "),
    *(b"<!--", b"-->", b"--!", b"<![CDATA[", b"]]", b"<!", b"<?", b"<title>", b"</title"),
    *(b"<script>", b"</script", b"<script", b"<svg>", b"</svg>", b"<g>", b"</g>", b"<mi>", b"</p>"),
    *(b"<annotation-xml ", b"encoding", b"<font ", b"&", b"&#", b"&copy", b"<plaintext", b"<xmp>"),
]


@pytest.mark.parametrize("xml", [False, True])
@given(make=repetitions(TOKENS))
def test_time_grows_no_faster_than_the_markup(xml: bool, make: Maker) -> None:
    everything = frozenset({"a", "img", "script", "svg", "title"})

    def work(data: bytes) -> None:
        text = data.decode("latin-1")
        for _ in read_tags(text, everything, xml=xml):
            pass
        read_text(text)
        read_xml_text(text)

    assert_linear(work, make, 10_000)
