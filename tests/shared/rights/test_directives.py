"""Wishes of sites, however and wherever they are written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.rights.directives import list_refused_uses, names_product, parse_directives
from tests.growth import Maker, assert_linear, repetitions

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("noai", {"noai"}),
        ("noindex, NoImageAI", {"noindex", "noimageai"}),
        ("noindex nofollow", {"noindex", "nofollow"}),
        ("noindex;noimageindex", {"noindex", "noimageindex"}),
        ("noindex/nofollow|noimageindex.", {"noindex", "nofollow", "noimageindex"}),
        ('"noindex, noai"', {"noindex", "noai"}),
        ("'noimageindex'", {"noimageindex"}),
        ("noindex: true", {"noindex"}),
        ("pixmill: noai", {"noai"}),
        ("Pixmill: noindex, noai", {"noindex", "noai"}),
        ("Pixmill/0.1: noindex", {"noindex"}),
        ("Pixmill Bot: noindex", {"noindex"}),
        ("pixmill-news: noindex", set()),
        ("*: noai", {"noai"}),
        ("otherbot: noindex\nnoai", {"noai"}),
        ("noindex\nnoimageindex", {"noindex", "noimageindex"}),
        ("otherbot: noai, noimageai", set()),
        ("otherbot: noai\npixmill: noindex", {"noindex"}),
        ("otherbot: nofollow, pixmill: none", {"none"}),
        ("max-image-preview: none, noai", {"noai"}),
        ("max-image-preview:none", set()),
        ("otherbot: max-snippet:20, noindex", set()),
        ("otherbot: noindex, max-snippet: 20, noai", set()),
        ("max-snippet: 20, noindex", {"noindex"}),
        ("unavailable_after: 25 Jun 2030 15:00:00 PST, noai", {"noai"}),
        ("unavailable_after: Tue, 25 Jun 2030 15:00:00 GMT, noindex", {"noindex"}),
        ("unavailable_after: Wed, 25 Jun 2025 15:00:00 GMT", {"noindex"}),
        ("unavailable_after: 25-Jun-2025 15:00:00 PST", {"noindex"}),
        ("unavailable_after: Wednesday, 25-Jun-25 15:00:00 GMT, nofollow", {"noindex", "nofollow"}),
        ("unavailable_after: 2025-06-25", {"noindex"}),
        ("unavailable_after: 2025-06-25T15:00:00+02:00, noai", {"noindex", "noai"}),
        ("unavailable_after: 2030-06-25T15:00:00Z", set()),
        ("unavailable_after: June 25, 2025, noai", {"noai"}),
        ("unavailable_after: 25 Jun 99999999999999999999 15:00:00 GMT", set()),
        ("otherbot: unavailable_after: 2025-01-01, noai", set()),
        ("pixmill: unavailable_after: 2025-01-01", {"noindex"}),
        ("unavailable_after: 2030-01-01, 360spider: noindex", set()),
        ("index, follow", {"index", "follow"}),
        ("", set()),
        (":::,,,::", set()),
    ],
)
def test_directives_of_a_header(text: str, expected: set[str]) -> None:
    assert parse_directives(text, "Pixmill", NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(
            (text, True)
            for text in ("pixmill", "PIXMILL", "Pixmill/0.1", "Pixmill Bot", "*pixmill*")
        ),
        ("Mozilla/5.0 (compatible; Pixmill/0.1; +https://example.com)", True),
        *((text, False) for text in ("Pixmill-News", "Pixmill_x", "Pixmillbot", "notpixmill")),
        *((text, False) for text in ("not-pixmill", "pix mill", "", "*")),
    ],
)
def test_a_product_is_a_token(text: str, expected: bool) -> None:
    assert names_product(text) is expected


@pytest.mark.parametrize(
    "said", ["noai", "noimageai", "noml", "noindex", "none", "noimageindex", "nofollow noai"]
)
def test_wishes_to_be_left_out_are_told_from_others(said: str) -> None:
    assert list_refused_uses(frozenset(said.split())) == [said.split()[-1]]


def test_other_directives_refuse_nothing() -> None:
    assert list_refused_uses(frozenset({"nofollow", "index", "noarchive"})) == []


@given(st.text(st.sampled_from(" ,;:\n0127-/abT*") | st.characters(max_codepoint=255)))
def test_any_text_is_read(text: str) -> None:
    assert parse_directives(text, "Pixmill", NOW) <= {"all"} | parse_directives(
        "follow index indexifembedded noai noarchive nocache nofollow noimageai noimageindex"
        " noindex noml none noodp nosnippet notranslate noydir"
    )


_TOKENS = [b"unavailable_after:", b"1, ", b"a:b,", b"pixmill", b":", b"noindex;", b"\n", b" ", b"-"]


@settings(max_examples=40, deadline=None)
@example(lambda size: b"unavailable_after: " + b"1, " * (size // 3))
@given(repetitions(_TOKENS))
def test_time_grows_no_faster_than_the_header(make: Maker) -> None:
    assert_linear(lambda data: parse_directives(data.decode("latin-1")), make, 30_000)
