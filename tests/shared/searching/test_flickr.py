"""Answers in the shape of https://www.flickr.com/services/api/flickr.photos.search.html as JSON."""

from typing import Any

import pytest

from shared.searching.engines import SearchError
from tests.shared.searching.asked import get_engine, query, read_parameters

ENGINE = get_engine("flickr")
PHOTO = {
    "id": "5300001",
    "owner": "12@N01",
    "secret": "0a",
    "server": "65535",
    "farm": 66,
    "title": "Cat",
    "ispublic": 1,
    "isfriend": 0,
    "isfamily": 0,
    "license": "11",
    "ownername": "Lin",
    "url_l": "https://live.staticflickr.com/cat_b.jpg",
    "height_l": 683,
    "url_m": "https://live.staticflickr.com/cat.jpg",
}


def answer(*photos: Any, pages: int = 3) -> dict[str, Any]:
    page = {"page": 1, "pages": pages, "perpage": 100, "total": 250, "photo": list(photos)}
    return {"photos": page, "stat": "ok"}


def test_it_asks_with_the_key() -> None:
    asked = read_parameters(ENGINE.build_address(query(2, "by")))
    assert (asked["method"], asked["api_key"]) == ("flickr.photos.search", "flickr key")
    assert (asked["text"], asked["page"], asked["per_page"]) == ("black cat", "2", "100")
    assert (asked["format"], asked["nojsoncallback"], asked["license"]) == ("json", "1", "4,11")
    assert "url_o" in asked["extras"]


@pytest.mark.parametrize(
    ("choice", "numbers"),
    [
        ("by-nc-nd", "3,16"),
        ("public-domain", "9,10"),
        ("commercial-modification", "4,5,9,10,11,12"),
        ("commercial", "4,5,6,9,10,11,12,13"),
    ],
)
def test_licences_by_their_numbers(choice: str, numbers: str) -> None:
    assert read_parameters(ENGINE.build_address(query(choice=choice)))["license"] == numbers


def test_it_reads_the_largest_size() -> None:
    page = ENGINE.read_page(answer(PHOTO), query(1))
    (result,) = page.results
    assert result.url == "https://live.staticflickr.com/cat_b.jpg"
    assert result.license == "https://creativecommons.org/licenses/by/4.0/"
    assert result.attribution == '"Cat" by Lin, on Flickr'
    assert result.creator_page == "https://www.flickr.com/people/12@N01/"
    assert result.source_page == "https://www.flickr.com/photos/12@N01/5300001"
    assert page.following == 2


@pytest.mark.parametrize(
    ("pages", "page", "following"), [(2, 2, None), (900, 39, 40), (900, 40, None)]
)
def test_no_more_than_four_thousand(pages: int, page: int, following: int | None) -> None:
    assert ENGINE.read_page(answer(PHOTO, pages=pages), query(page)).following == following


def test_all_rights_reserved_is_said() -> None:
    (result,) = ENGINE.read_page(answer({**PHOTO, "license": "0"}), query()).results
    assert result.license == "All Rights Reserved"


def test_a_photo_that_may_not_be_downloaded() -> None:
    given = {name: value for name, value in PHOTO.items() if not name.startswith("url_")}
    (result,) = ENGINE.read_page(answer(given), query()).results
    assert (result.reason, result.detail) == ("bad_url", "there is no address")


@pytest.mark.parametrize(
    ("code", "reason", "retryable"),
    [(100, "key_refused", True), (105, "busy", True), (3, "bad_query", False)],
)
def test_errors_come_with_success(code: int, reason: str, retryable: bool) -> None:
    given = {"stat": "fail", "code": code, "message": "Something is wrong"}
    with pytest.raises(SearchError) as error:
        ENGINE.read_page(given, query())
    assert (error.value.reason, error.value.retryable) == (reason, retryable)
    assert "flickr key" not in error.value.detail
