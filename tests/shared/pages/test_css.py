"""Finding the pictures of style sheets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.pages.css import find_css_images
from tests.growth import Maker, assert_linear, repetitions


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("background:url(a.png)", ["a.png"]),
        ("BACKGROUND : URL( 'a b.png' ) no-repeat", ["a b.png"]),
        ('a{color:red;background-image:url("a.png"),url(b.png)}', ["a.png", "b.png"]),
        ("@media print{a:hover>b{background:url(a.png)}}", ["a.png"]),
        ("a{&:hover{background:url(a.png)}}", ["a.png"]),
        ("a{content:url(a.png);list-style:url(b.png);border-image-source:url(c.png)}", [*"abc"]),
        ("a{--hero:url(a.png)}", ["a.png"]),
        ("a{-webkit-border-image:url(a.png) 3}", ["a.png"]),
        ("background:linear-gradient(red,blue),url(a.png)", ["a.png"]),
        ("background:url(a.png", ["a.png"]),
        (r"background:url(a\20 b\.png)", ["a b.png"]),
        (r'background:url("a\a b.png")', ["a\nb.png"]),
        (r"background:url(\0 a\110000)", ["\ufffda\ufffd"]),
        ("/* url(x) */a{/**/background:/*url(x)*/url(a.png)/*}*/}", ["a.png"]),
        ("a[b='}']{background:url(a.png)}", ["a.png"]),
        ("background:image-set('a.png' 1x,\"b.png\" 2x)", ["b.png"]),
        ("background:-webkit-image-set(url(a.png) 96dpi,url(b.png) 192dpi)", ["b.png"]),
        (
            "background:image-set(url(a.jxl) type('image/jxl') 2x,url(b.png) type('image/png'))",
            ["b.png"],
        ),
        (
            "background:image-set(linear-gradient(red,blue) 1x,url(a.png) 2x),url(b.png)",
            ["a.png", "b.png"],
        ),
        ("background:image-set(url(a.png)", ["a.png"]),
    ],
)
def test_pictures(css: str, expected: list[str]) -> None:
    found = [
        url if "." in expected[0] else url.removesuffix(".png") for url in find_css_images(css)
    ]
    assert found == expected


@pytest.mark.parametrize(
    "css",
    [
        "@font-face{src:url(a.woff)}",
        "@import url(a.css);",
        "@namespace url(http://a.example/);",
        "a{cursor:url(a.cur);mask:url(a.svg);filter:url(#a);clip-path:url(#a)}",
        "background:url(#a)",
        "background:url()",
        "background:url(a b.png)",
        "background:url(a'b.png)",
        "background:myurl(a.png)",
        "background:image-set(url(a.jxl) type('image/jxl'))",
        "background:'url(a.png)'",
        "a:not([b*='url(']){color:red}",
        "/* background:url(a.png)",
    ],
)
def test_what_is_no_picture(css: str) -> None:
    assert list(find_css_images(css)) == []


TOKENS = [
    b"url(",
    b"image-set(",
    b"'",
    b'"',
    b"\\",
    b"/*",
    b"*/",
    b":",
    b";",
    b"{",
    b"}",
    b"(",
    b")",
    b",",
]


@settings(max_examples=30, deadline=None)
@given(repetitions([*TOKENS, b"background:", b"a"]))
def test_time_is_linear(make: Maker) -> None:
    assert_linear(lambda css: list(find_css_images(css.decode("latin-1"))), make, 20_000)


def test_an_address_that_ends_in_the_middle_of_an_escape_takes_no_longer() -> None:
    def read(css: bytes) -> None:
        assert list(find_css_images(css.decode())) == []

    assert_linear(read, lambda size: b"url(" * (size // 4) + b"\\", 20_000)


@given(st.lists(st.sampled_from([*TOKENS, b"background:", b"a.png", b" "]), max_size=30))
def test_anything_is_read(pieces: list[bytes]) -> None:
    list(find_css_images(b"".join(pieces).decode()))
