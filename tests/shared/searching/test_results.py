"""Results are made safe to store, whatever engines say."""

import json

from shared.schemas.metadata import MAX_METADATA
from shared.searching.results import make_result


def test_texts_are_cleaned_and_cut() -> None:
    result = make_result(
        1,
        " https://example.org/a b.jpg ",
        title="A\0 cat\n\ud800" + "x" * 5000,
        license="",
        creator="Ada\u202e" * 100,
        creator_page="javascript:alert(1)",
        source_page="https://example.org/" + "x" * 3000,
        attribution=["no", "text"],
    )
    assert result.url == "https://example.org/a%20b.jpg"
    assert result.title is not None
    assert (result.title[:6], len(result.title)) == ("A cat ", 1000)
    assert result.license is result.creator_page is result.source_page is result.attribution is None
    assert result.creator is not None
    assert len(result.creator) == 200
    assert "\u202e" not in result.creator


def test_facts_fit_into_metadata() -> None:
    longest = make_result(
        10**9, "https://x/", creator="é" * 9000, creator_page="https://x/" + "é" * 2038
    )
    facts = {"query": "é" * 200, "creator": longest.creator, "page": longest.creator_page}
    assert len(json.dumps(facts, ensure_ascii=False).encode()) < MAX_METADATA


def test_addresses_that_cannot_be_fetched() -> None:
    assert make_result(1, None).detail == "there is no address"
    secret = make_result(2, "https://user:password@example.org/a.jpg")
    assert secret.reason == "bad_url"
    assert "password" not in secret.url
    assert make_result(3, "ftp://example.org/a.jpg").reason == "unsupported_scheme"
