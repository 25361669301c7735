"""Patterns of addresses."""

import pytest

from shared.crawls.patterns import AddressChoice, AddressPatterns
from tests.growth import assert_linear

URL = "https://a.example/caf%C3%A9/Cats.html?page=2"


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("/", True),
        ("/café/", True),
        ("/caf%c3%a9/", True),
        ("/caf", True),
        ("/cats", False),
        ("/*Cats", True),
        ("/*cats", False),
        ("/*?page=", True),
        ("/*.html$", False),
        ("/*=2$", True),
        ("*/caf", True),
        ("*a.example/", True),
        ("*.html", True),
        ("https://a.example/caf", True),
        ("http*//a.example/", True),
        ("http://a.example/", False),
        ("https://b.example/", False),
        ("/*.*", True),
        ("/[a-z]+", False),
    ],
)
def test_patterns(pattern: str, fits: bool) -> None:
    assert AddressPatterns([pattern]).fit(URL) is fits
    assert AddressPatterns(["/never", pattern]).fit(URL) is fits


def test_a_source_without_patterns_takes_every_page() -> None:
    choice = AddressChoice({"type": "pages"})
    assert choice.takes_page(URL)
    assert not choice.excludes(URL)


def test_what_is_excluded_counts_more() -> None:
    choice = AddressChoice({"include": ["/caf", "/dogs"], "exclude": ["/*?page="]})
    assert choice.excludes(URL)
    assert not choice.takes_page(URL)
    assert choice.takes_page("https://a.example/dogs")
    assert not choice.takes_page("https://a.example/mice")


def test_time_is_linear() -> None:
    patterns = AddressPatterns("/" + "*a" * length for length in range(50, 100))

    def match(address: bytes) -> None:
        assert not patterns.fit(f"https://a.example/{address.decode()}")

    assert_linear(match, lambda size: b"b" * size, 20_000)
    assert_linear(match, lambda size: b"a" * 49 + b"b" * size, 20_000)
