"""Answers in the shape of https://api.openverse.org/v1/#tag/images/operation/images_search."""

from typing import Any

import pytest

from shared.searching.answers import MalformedAnswer
from tests.shared.searching.asked import get_engine, query, read_parameters

ENGINE = get_engine("openverse")
RESULT = {
    "id": "f3a1d9c4-0d53-4c53-8d0f-0a0c7a4e2b11",
    "title": "A cat on a wall",
    "indexed_on": "2024-03-01T00:00:00Z",
    "foreign_landing_url": "https://photos.example.org/cat",
    "url": "https://cdn.example.org/cat.jpg",
    "creator": "Ada",
    "creator_url": "https://photos.example.org/ada",
    "license": "by-sa",
    "license_version": "3.0",
    "license_url": "https://creativecommons.org/licenses/by-sa/3.0/",
    "provider": "example",
    "source": "example",
    "category": None,
    "filesize": None,
    "filetype": "jpg",
    "tags": [{"name": "cat", "accuracy": None}],
    "attribution": '"A cat on a wall" by Ada is licensed under CC BY-SA 3.0.',
    "mature": False,
    "height": 600,
    "width": 800,
    "thumbnail": "https://api.openverse.org/v1/images/f3a1d9c4/thumb/",
    "unstable__sensitivity": [],
}
PAGE = {"result_count": 41, "page_count": 3, "page_size": 20, "page": 1, "results": [RESULT]}


def test_it_asks_for_a_page_of_twenty() -> None:
    address = ENGINE.build_address(query(2, "commercial-modification"))
    assert address.startswith("https://api.openverse.org/v1/images/?")
    assert read_parameters(address) == {
        "q": "black cat",
        "page": "2",
        "page_size": "20",
        "license": "cc0,pdm,by,by-sa",
    }
    assert not ENGINE.headers
    assert "license" not in read_parameters(ENGINE.build_address(query()))


def test_it_reads_a_page() -> None:
    page = ENGINE.read_page(PAGE, query(2, rank=20))
    (result,) = page.results
    assert (result.rank, result.url) == (21, "https://cdn.example.org/cat.jpg")
    assert (result.title, result.creator) == ("A cat on a wall", "Ada")
    assert result.license == "https://creativecommons.org/licenses/by-sa/3.0/"
    assert result.attribution == '"A cat on a wall" by Ada is licensed under CC BY-SA 3.0.'
    assert result.creator_page == "https://photos.example.org/ada"
    assert result.source_page == "https://photos.example.org/cat"
    assert page.following == 3


@pytest.mark.parametrize(
    ("count", "page", "following"), [(3, 3, None), (900, 20, None), (0, 1, None)]
)
def test_its_last_page(count: int, page: int, following: int | None) -> None:
    assert ENGINE.read_page({**PAGE, "page_count": count}, query(page)).following == following


def test_a_licence_without_an_address() -> None:
    given = {**RESULT, "license_url": None}
    (result,) = ENGINE.read_page({**PAGE, "results": [given]}, query()).results
    assert result.license == "https://creativecommons.org/licenses/by-sa/3.0/"


def test_results_of_any_shape() -> None:
    given: list[Any] = [
        None,
        7,
        [],
        {},
        {"url": 7},
        {**RESULT, "title": ["x"], "license": {"a": 1}},
    ]
    page = ENGINE.read_page({**PAGE, "results": given}, query())
    assert [one.reason for one in page.results] == ["bad_url"] * 5 + [None]
    assert page.results[-1].title is None


@pytest.mark.parametrize("answer", [None, [], {}, {"results": None}, {"results": {"0": RESULT}}])
def test_an_answer_without_results(answer: object) -> None:
    with pytest.raises(MalformedAnswer):
        ENGINE.read_page(answer, query())
