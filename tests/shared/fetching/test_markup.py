"""Tags out of messy and hostile HTML, and the bytes' encoding."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.fetching.markup import candidates, decode, plain_text, tags
from shared.fetching.pages import extract

IMG = frozenset({"img"})


def first(html: str) -> dict[str, str]:
    return next(tags(html, IMG)).attributes


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
        (
            '<img alt="&lt;&quot;&#39;&eacute;" src=?a=1&amp;b=2>',
            {"alt": "<\"'é", "src": "?a=1&b=2"},
        ),
        ("<p <img src=a>", {}),
        ("<img src=a", {"src": "a"}),
        ("<b title='<img src=no>'><img src=yes>", {"src": "yes"}),
        ("<!-- <img src=no> --><img src=yes>", {"src": "yes"}),
        ("<!--><img src=yes>-->", {"src": "yes"}),
        ("<!doctype html><?x <img src=no> ?><img src=yes>", {"src": "yes"}),
        ("<script>a<b '<img src=no>'</script ><img src=yes>", {"src": "yes"}),
        ("<imgs src=no><img/src=yes>", {"src": "yes"}),
        ("1 < 2 <3 </ <img src=yes>", {"src": "yes"}),
    ],
)
def test_tags(html: str, attributes: dict[str, str]) -> None:
    if html.startswith("<p <img"):
        assert not list(tags(html, IMG))  # one tag, as in browsers
    else:
        assert first(html) == attributes


def test_plain_text() -> None:
    assert plain_text("a<br>b <b>c</b>&nbsp;&amp;<!-- no --> d < e") == "a b c & d < e"


def test_candidates_follow_the_standard() -> None:
    found = list(candidates(" a.jpg 1x,b,c.jpg 20w , d.jpg, e.jpg bad, f.jpg 3h,"))
    assert [(one.url, one.size, one.width) for one in found] == [
        ("a.jpg", 1.0, None),
        ("b,c.jpg", 20.0, 20),
        ("d.jpg", 1.0, None),
        ("e.jpg", 1.0, None),
        ("f.jpg", 1.0, None),
    ]


@pytest.mark.parametrize(
    ("html", "content_type", "expected"),
    [
        ("é".encode(), None, "é"),
        ("é".encode("latin-1"), None, "é"),
        ("é“".encode("cp1252"), "text/html; charset=ISO-8859-1", "é“"),
        ("猫".encode("gbk"), 'text/html;charset="gb2312"', "猫"),
        ("猫".encode("shift-jis"), "text/html; charset=Shift_JIS", "猫"),
        ('<meta charset="shift_jis">猫'.encode("shift-jis"), "text/html", None),
        (b"\xef\xbb\xbf" + "é".encode(), "text/html; charset=latin-1", "é"),
        (b"\xff\xfe" + "é".encode("utf-16-le"), None, "é"),
        ("é".encode(), "text/html; charset=utf-16", "é"),
        ("é".encode(), "text/html; charset=nonsense", "é"),
        ("é".encode(), "text/html; charset=zlib", "é"),
        (b"\\x41+AEE-", "text/html; charset=unicode_escape", "\\x41+AEE-"),
        (b"a\xffb", "text/html; charset=utf-8", "a\ufffdb"),
    ],
)
def test_decode(html: bytes, content_type: str | None, expected: str | None) -> None:
    expected = '<meta charset="shift_jis">猫' if expected is None else expected
    assert decode(html, content_type) == expected


HOSTILE = {
    "nested elements": "<div>" * 200_000,
    "nested figures": "<figure>" * 60_000 + "<img src=a>" * 30_000,
    "one tag with many attributes": "<img " + " ".join(f"a{n}=1" for n in range(100_000)) + ">",
    "tags that never end": "<a b=\"<a c='" * 80_000,
    "open comments": "<!--" * 250_000,
    "open titles": "<title>" * 100_000,
    "captions that never end": "<figure>" + "<figcaption>x" * 70_000 + "</figcaption>" * 9_000,
    "a long srcset": '<img srcset="' + "a 1w," * 100_000 + '">',
    "commas": '<img srcset="' + "," * 1_000_000 + '">',
    "spaces": "<img a" + " " * 1_000_000,
    "equals signs": "<a " + "= " * 500_000,
    "ampersands": '<img src="' + "&" * 1_000_000 + '">',
    "nested JSON": '<script type="application/ld+json">' + "[" * 500_000 + "</script>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_take_linear_time(name: str) -> None:
    """A quadratic step would take minutes on these; the bound leaves room for a busy machine."""
    html = HOSTILE[name].encode()
    started = time.thread_time()
    extract(html, "http://example.com/")
    assert time.thread_time() - started < 5


@given(st.text(alphabet="<>/=\"' !-aimgsrct&;,x\n", max_size=200))
def test_any_text_can_be_read(html: str) -> None:
    extract(html.encode(), "http://example.com/")


@given(st.binary(max_size=100), st.text(max_size=30))
def test_any_bytes_can_be_decoded(html: bytes, content_type: str) -> None:
    assert isinstance(decode(html, f"text/html; charset={content_type}"), str)
