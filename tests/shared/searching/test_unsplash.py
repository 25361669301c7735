"""Answers in the shape of https://unsplash.com/documentation#search-photos."""

from typing import Any

from tests.shared.searching.asked import get_engine, query, read_parameters

ENGINE = get_engine("unsplash")
PHOTO: dict[str, Any] = {
    "id": "eOLpJytrbsQ",
    "created_at": "2024-11-18T14:35:36-05:00",
    "width": 4000,
    "height": 3000,
    "description": None,
    "alt_description": "a cat",
    "user": {"id": "u", "name": "Mary", "links": {"html": "https://unsplash.com/@mary"}},
    "urls": {"raw": "https://images.unsplash.com/a", "full": "https://images.unsplash.com/a?q=85"},
    "links": {
        "self": "https://api.unsplash.com/photos/eOLpJytrbsQ",
        "html": "https://unsplash.com/photos/eOLpJytrbsQ",
        "download_location": "https://api.unsplash.com/photos/eOLpJytrbsQ/download?ixid=1",
    },
}
PAGE = {"total": 61, "total_pages": 3, "results": [PHOTO]}


def test_it_asks_with_the_key_in_a_header() -> None:
    address = ENGINE.build_address(query(2))
    assert address.startswith("https://api.unsplash.com/search/photos?")
    assert read_parameters(address) == {"query": "black cat", "page": "2", "per_page": "30"}
    assert ENGINE.headers == {"Authorization": "Client-ID unsplash key", "Accept-Version": "v1"}


def test_it_reads_the_address_to_link_to() -> None:
    page = ENGINE.read_page(PAGE, query())
    (result,) = page.results
    assert result.url == "https://images.unsplash.com/a?q=85"
    assert (result.title, result.attribution) == ("a cat", "Photo by Mary on Unsplash")
    assert result.license == "https://unsplash.com/license"
    assert result.creator_page == "https://unsplash.com/@mary"
    assert page.following == 2
    assert ENGINE.read_page(PAGE, query(3)).following is None


def test_it_wants_to_be_told_of_downloads() -> None:
    (result,) = ENGINE.read_page(PAGE, query()).results
    assert result.notice == PHOTO["links"]["download_location"]


def test_the_key_goes_to_nobody_else() -> None:
    links = {**PHOTO["links"], "download_location": "https://api.unsplash.com.example.org/x"}
    (result,) = ENGINE.read_page({**PAGE, "results": [{**PHOTO, "links": links}]}, query()).results
    assert result.notice is None
    assert result.reason == "bad_url"
