"""Terms of Really Simple Licensing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.rights.rsl import parse_rsl
from tests.growth import Maker, assert_linear, measure_cpu, repetitions

HERE = "https://a.example"


def find(licence: str, url: str = "/", path: str = "/x.jpg", origin: str = HERE) -> bool | None:
    document = (
        f'<rsl xmlns="https://rslstandard.org/rsl"><content url="{url}">'
        f"<license>{licence}</license></content></rsl>"
    )
    return parse_rsl(document.encode()).find(origin, path)


PROHIBITED = '<prohibits type="usage">ai-train</prohibits>'
PERMITTED = '<permits type="usage">ai-train search</permits>'


@pytest.mark.parametrize(
    ("licence", "allows"),
    [
        (PROHIBITED, False),
        (PERMITTED, True),
        ('<permits type="usage">all</permits>', True),
        ("<permits>ai-all</permits>", True),
        ('<permits type="usage">train-ai</permits>', True),
        ('<prohibits type="usage">all</prohibits>', False),
        ('<prohibits type="usage">search,ai-train</prohibits>', False),
        # A prohibition counts before a permission.
        (PERMITTED + PROHIBITED, False),
        # What permits only other uses does not permit ours.
        ('<permits type="usage">search</permits>', False),
        # Of users and places nothing follows.
        ('<prohibits type="geo">EU</prohibits>', None),
        ('<permits type="user">education</permits>', None),
        ("", None),
        # What must be paid is not given by the file.
        (PERMITTED + '<payment type="subscription"/>', False),
        (PERMITTED + '<payment type="free"/>', True),
        (PERMITTED + '<payment type="attribution"/>', True),
    ],
)
def test_licences(licence: str, allows: bool | None) -> None:
    assert find(licence) is allows


@pytest.mark.parametrize(
    ("url", "path", "allows"),
    [
        ("/", "/x/y.jpg", False),
        ("/images/", "/images/y.jpg", False),
        ("/images/", "/y.jpg", None),
        ("/images/*.jpg$", "/images/y.jpg", False),
        ("https://a.example/images/*", "/images/y.jpg", False),
        ("https://A.example/", "/y.jpg", False),
        ("https://b.example/", "/y.jpg", None),
        ("https://[/", "/y.jpg", False),
    ],
)
def test_parts_of_a_site(url: str, path: str, allows: bool | None) -> None:
    assert find(PROHIBITED, url, path) is allows


def test_of_several_terms_the_strictest_counts() -> None:
    document = f"""<rsl>
      <content url="/"><license>{PERMITTED}</license></content>
      <content url="/a"><license>{PERMITTED}</license><license>{PROHIBITED}</license></content>
    </rsl>"""
    terms = parse_rsl(document.encode())
    assert (terms.find(HERE, "/b"), terms.find(HERE, "/a")) == (True, False)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "<html>",
        '<!DOCTYPE rsl [<!ENTITY use "ai-train">]><rsl/>',
        "<!DOCTYPE rsl SYSTEM 'http://a.example/x.dtd'><rsl/>",
        '<?xml version="1.0" encoding="unheard-of"?><rsl/>',
        "<rsl>" + "<content>" * 20_000,
        "<rsl>" + "<content>" * 9_000 + "</content>" * 9_000 + "</rsl>",
    ],
)
def test_what_is_no_such_document_says_nothing(document: str) -> None:
    assert parse_rsl(document.encode()).find(HERE, "/") is None


def test_too_many_terms_for_an_address_refuse_it() -> None:
    parts = (
        f'<content url="/{n}*a*b"><license>{PERMITTED}</license></content>' for n in range(3000)
    )
    terms = parse_rsl(f"<rsl>{''.join(parts)}</rsl>".encode())
    path = "/" + "ab" * 2000
    assert terms.find(HERE, path) is False
    assert measure_cpu(lambda: terms.find(HERE, path)) < 1


@given(make=repetitions((b'<content url="/*a">', b"</content>", b"<a>", b"&amp;", b"x", b"<!--")))
@settings(max_examples=20)
def test_reading_takes_time_in_proportion(make: Maker) -> None:
    assert_linear(parse_rsl, lambda size: b"<rsl>" + make(size) + b"</rsl>", 10_000)


@given(st.binary())
def test_any_bytes_are_read(data: bytes) -> None:
    parse_rsl(data).find(HERE, "/")
