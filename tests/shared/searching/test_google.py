"""Answers in the shape of https://developers.google.com/custom-search/v1/reference/rest/v1/Search."""

from typing import Any

import pytest

from shared.searching.answers import MalformedAnswer
from tests.shared.searching.asked import get_engine, query, read_parameters

ENGINE = get_engine("google")
ITEM = {
    "kind": "customsearch#result",
    "title": "A cat",
    "htmlTitle": "A <b>cat</b>",
    "link": "https://example.org/cat.jpg",
    "displayLink": "example.org",
    "mime": "image/jpeg",
    "image": {"contextLink": "https://example.org/cats", "height": 600, "width": 800},
}
PAGE: dict[str, Any] = {
    "kind": "customsearch#search",
    "queries": {"request": [{"startIndex": 1}], "nextPage": [{"startIndex": 11}]},
    "items": [ITEM],
}


def test_it_asks_for_ten_images() -> None:
    asked = read_parameters(ENGINE.build_address(query(11, "by-sa")))
    assert asked == {
        "key": "google key",
        "cx": "an engine",
        "q": "black cat",
        "searchType": "image",
        "num": "10",
        "start": "11",
        "rights": "cc_sharealike",
    }


def test_it_reads_items() -> None:
    page = ENGINE.read_page(PAGE, query(11, rank=10))
    (result,) = page.results
    assert (result.rank, result.url) == (11, "https://example.org/cat.jpg")
    assert (result.title, result.source_page) == ("A cat", "https://example.org/cats")
    assert (result.license, result.attribution, result.creator) == (None, None, None)
    assert page.following == 21
    assert ENGINE.read_page(PAGE, query(91)).following is None


def test_nothing_is_found() -> None:
    page = ENGINE.read_page({"kind": "customsearch#search", "queries": {}}, query())
    assert (page.results, page.following) == ([], None)


@pytest.mark.parametrize("answer", [None, [], {"items": {}}])
def test_an_answer_of_another_shape(answer: object) -> None:
    with pytest.raises(MalformedAnswer):
        ENGINE.read_page(answer, query())


def test_licences_that_it_cannot_tell_apart() -> None:
    assert "cc0" not in ENGINE.licenses
    assert "commercial" in ENGINE.licenses
