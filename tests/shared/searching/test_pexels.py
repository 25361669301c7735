"""Answers in the shape of https://www.pexels.com/api/documentation/#photos-search."""

from typing import Any

from tests.shared.searching.asked import get_engine, query, read_parameters

ENGINE = get_engine("pexels")
PHOTO = {
    "id": 100200,
    "width": 3000,
    "height": 2000,
    "url": "https://www.pexels.com/photo/a-cat-100200/",
    "photographer": "Joan",
    "photographer_url": "https://www.pexels.com/@joan",
    "photographer_id": 7,
    "avg_color": "#777777",
    "src": {"original": "https://images.pexels.com/100200.jpeg", "large": "https://x/large.jpeg"},
    "liked": False,
    "alt": "A cat",
}
PAGE: dict[str, Any] = {
    "total_results": 200,
    "page": 1,
    "per_page": 80,
    "photos": [PHOTO],
    "next_page": "https://api.pexels.com/v1/search/?page=2&per_page=80&query=cat",
}


def test_it_asks_with_the_key_in_a_header() -> None:
    address = ENGINE.build_address(query(2))
    assert address.startswith("https://api.pexels.com/v1/search?")
    assert read_parameters(address) == {"query": "black cat", "page": "2", "per_page": "80"}
    assert ENGINE.headers == {"Authorization": "pexels key"}


def test_it_reads_the_original() -> None:
    page = ENGINE.read_page(PAGE, query())
    (result,) = page.results
    assert result.url == "https://images.pexels.com/100200.jpeg"
    assert (result.title, result.creator) == ("A cat", "Joan")
    assert result.attribution == "Photo by Joan on Pexels"
    assert result.license == "https://www.pexels.com/license/"
    assert result.source_page == "https://www.pexels.com/photo/a-cat-100200/"
    assert page.following == 2


def test_its_last_page() -> None:
    last = {name: value for name, value in PAGE.items() if name != "next_page"}
    assert ENGINE.read_page(last, query()).following is None
    assert ENGINE.read_page({**PAGE, "photos": []}, query()).following is None


def test_no_licence_can_be_chosen() -> None:
    assert "by" not in ENGINE.licenses
