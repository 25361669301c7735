"""Answers in the shape of https://unsplash.com/documentation#search-photos."""

from dataclasses import replace
from typing import Any

from shared.searching.engines import make_engines
from tests.shared.searching.asked import KEYS, get_engine, query, read_parameters

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


def test_it_is_below_an_address_without_a_slash_at_the_end() -> None:
    base = "https://proxy.example.org/unsplash"
    engine = make_engines(replace(KEYS, unsplash_url=base))["unsplash"]
    assert engine.build_address(query()).startswith(f"{base}/search/photos?")

    def read(notice: str) -> str | None:
        links = {**PHOTO["links"], "download_location": notice}
        page = engine.read_page({**PAGE, "results": [{**PHOTO, "links": links}]}, query())
        return page.results[0].notice

    assert read(f"{base}/photos/1") == f"{base}/photos/1"
    for other in ("-other/x", ".example.com/x", "@example.com/x", "/../x"):
        assert read(base + other) is None
