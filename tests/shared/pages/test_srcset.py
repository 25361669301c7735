"""The candidates of a srcset, by the rules of the HTML standard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.pages.srcset import ImageSource, find_largest, parse_srcset
from tests.growth import Maker, assert_linear, repetitions


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        # Splitting: white space and commas around, a comma at an address's end ends it.
        *(
            ("", ""),
            (",", ""),
            (" ,\t\n, ", ""),
            ("a", "a"),
            ("a,", "a"),
            ("a,,,", "a"),
            ("a ,", "a"),
        ),
        *((",,,a", "a"), ("\fa\f1x\f", "a"), ("a, b", "a b"), ("a,b", "a,b"), ("a 1x,b 2x", "a b")),
        ("\va\v1x\v", "\va\v1x\v"),  # no white space in HTML
        ("\xa0a", "\xa0a"),
        ("data:,x 1x, b", "data:,x b"),
        ("/w_300,h_200/a.jpg 300w, b 1w", "/w_300,h_200/a.jpg b"),
        ("(a, b) 1x", "(a b)"),  # a parenthesis in an address is nothing special
        # Parentheses among descriptors hide commas, other brackets and quotes do not.
        ("a 1x 1x ( , b 1x, ), c", "c"),
        ("a 1x 1x ((( , b 1x, ), c", "c"),
        ("a 1x 1x [ , b 1x, ], c", "b ] c"),
        ('a 1x 1x " , b 1x, ", c', 'b " c'),
        ("a, b (", "a"),
        ("a, b (x", "a"),
        ("a, b ()", "a"),
        ("a 1x (, b", ""),
        ("a 1x 1x /*, b, c */", "b"),
        # Widths: digits only, not zero, alone or with a height.
        *((f"a {width}", "a") for width in ("1w", "001w", "1w 1h", "1h 1w", "99999999999999w")),
        *((f"a {width}", "") for width in ("0w", "-1w", "+1w", "1.0w", "1e0w", "1W", "w", "1ww")),
        *((f"a {width}", "") for width in ("1w 1w", "1w 1x", "1x 1w", "1h", "1h 1h 1w", "1w 0h")),
        *((f"a {width}", "") for width in ("Infinityw", "NaNw", "1\x01w", "\u0661w", "1h 1x 1w")),
        # Densities: a floating-point number as HTML has it, not below zero.
        *((f"a {x}", "a") for x in ("1x", "0x", "-0x", "1.5x", ".5x", "1e0x", "1E-1x", "1.5e+1x")),
        *((f"a {x}", "") for x in ("-1x", "+1x", "1.x", "1X", "x", "1e1.5x", "1x 1x", "Infinityx")),
        *((f"a {x}", "") for x in ("NaNx", "1e999x", "1x 1h", "0x1x", "1_0x", "\u0661x")),
        # Anything else makes no candidate, and the next one is not hurt.
        *(
            ("a foo", ""),
            ("a foo 1x", ""),
            ("a 1x foo", ""),
            ("a bad, b", "b"),
            ("a 3h, b 1w", "b"),
        ),
        *(("a 640, b 2x", "b"), ("a 640px, b", "b"), ("a 1 x, b", "b")),
    ],
)
def test_which_candidates_there_are(text: str, urls: str) -> None:
    assert " ".join(one.url for one in parse_srcset(text)) == urls


def test_what_a_candidate_holds() -> None:
    assert list(parse_srcset(" a 1.5x,b,c 20w 9h , d, e 99999999999999w")) == [
        ImageSource("a", density=1.5),
        ImageSource("b,c", width=20),
        ImageSource("d"),
        ImageSource("e", width=10**9),
    ]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        *(("a, b 1.5x, c 2x", "c"), ("a 320w, b 1280w, c 640w", "b"), ("a 2x, b 2x", "a")),
        *(("a 0.5x, b", "b"), ("data:x 9x, b", "b"), ("a 9x, b 1w", "b")),
    ],
)
def test_find_largest(text: str, url: str) -> None:
    largest = find_largest(parse_srcset(text))
    assert largest is not None
    assert largest.url == url


def test_none_is_largest_of_inline_images() -> None:
    assert find_largest(parse_srcset("DATA:image/gif;base64,AAAA 1x")) is None


@given(st.text(alphabet="ab ,()w1x.h-\t", max_size=60))
def test_addresses_hold_no_space_and_no_comma_at_their_ends(text: str) -> None:
    for one in parse_srcset(text):
        assert one.url
        assert one.url == one.url.strip(", \t")


@given(repetitions([b",", b" ", b"(", b")", b"a", b"a ", b"1w", b"1x ", b"9", b".", b"e", b"-"]))
def test_time_grows_no_faster_than_the_srcset(make: Maker) -> None:
    assert_linear(lambda data: find_largest(parse_srcset(data.decode("latin-1"))), make, 20_000)
