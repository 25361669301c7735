"""Sources and options of crawl jobs within their bounds."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.schemas.crawls import CrawlJobCreate, CrawlOptions
from shared.schemas.errors import list_problems
from shared.schemas.sources import UrlEntry


def job(source: dict[str, Any], **options: Any) -> CrawlJobCreate:
    return CrawlJobCreate.model_validate({"name": "cats", "source": source, "options": options})


def urls(*given: Any) -> dict[str, Any]:
    return {"type": "urls", "urls": list(given)}


def where(source: dict[str, Any], **options: Any) -> set[str]:
    with pytest.raises(ValidationError) as caught:
        job(source, **options)
    return {one["pointer"] for one in list_problems(caught.value)}


def test_what_is_left_out_gets_the_defaults_of_the_contract() -> None:
    created = CrawlJobCreate.model_validate({"name": "cats", "source": urls("http://a/b.jpg")})
    assert created.options.model_dump(mode="json") == {
        "max_images": 1000,
        "chunk_size": 100,
        "min_width": 0,
        "min_height": 0,
        "dedup": "exact",
        "max_distance": 4,
        "variants": ["thumbnail"],
        "validate": None,
        "analyze": [],
        "respect_robots": True,
        "rights": "respect",
    }


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "HTTPS://EXAMPLE.com:8443/a?b=c#d",
        "https://münchen.example/ä",
        "http://[2001:db8::1]/x",
        "http://127.0.0.1:8000/a.jpg",
        "https://example.com/" + "x" * 2028,
    ],
)
def test_urls_stay_as_they_were_typed(url: str) -> None:
    source = job(urls(url, {"url": url})).source
    assert source.type == "urls"
    assert source.urls == [url, UrlEntry(url=url)]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com/a",
        "ftp://example.com/a",
        "file:///etc/passwd",
        "gs://bucket/object",
        "javascript:alert(1)",
        "http://",
        "http:///a",
        "http://:80/",
        "http://example.com:99999/",
        "http://example.com:0/",
        "http://example.com:x/",
        "http://[::1/",
        "http://exa mple.com/",
        "http://example.com /a",
        "http://example.com/a\nb",
        "http://example.com/\x00",
        "https://example.com/" + "x" * 2029,
    ],
)
def test_what_is_no_url(url: str) -> None:
    assert where(urls("http://a/", url)) == {"/source/urls/1"}
    assert where(urls({"url": url})) == {"/source/urls/0/url"}


def test_spaces_are_escaped_as_browsers_do() -> None:
    typed = "  http://example.com/a b\u00a0c.jpg?d=e f#g h "
    escaped = "http://example.com/a%20b%C2%A0c.jpg?d=e%20f#g%20h"
    source = job(urls(typed, {"url": typed})).source
    assert source.type == "urls"
    assert source.urls == [escaped, UrlEntry(url=escaped)]


def test_ten_thousand_urls_and_no_more() -> None:
    many = [f"http://a/{number}" for number in range(10_001)]
    job(urls(*many[:10_000]))
    assert where(urls(*many)) == {"/source/urls"}


def test_pages_begin_at_depth_zero_on_their_host() -> None:
    source = job({"type": "pages", "pages": ["http://a/"]}).source
    assert source.type == "pages"
    assert (source.max_depth, source.same_host) == (0, True)


@pytest.mark.parametrize(
    ("source", "pointer"),
    [
        ({"type": "pages", "pages": []}, "/source/pages"),
        ({"type": "pages", "pages": ["http://a/"] * 101}, "/source/pages"),
        ({"type": "pages", "pages": ["http://a/"], "max_depth": -1}, "/source/max_depth"),
    ],
)
def test_sources_out_of_bounds(source: dict[str, Any], pointer: str) -> None:
    assert where(source) == {pointer}


@pytest.mark.parametrize(
    ("option", "low", "high"),
    [
        ("max_images", 1, 1_000_000),
        ("chunk_size", 1, 1000),
        ("min_width", 0, 1_000_000),
        ("min_height", 0, 1_000_000),
        ("max_distance", 0, 16),
    ],
)
def test_bounds_of_numbers(option: str, low: int, high: int) -> None:
    for value in (low, high):
        assert getattr(job(urls("http://a/"), **{option: value}).options, option) == value
    for wrong in (low - 1, high + 1, True, str(low), float(low), None):
        assert where(urls("http://a/"), **{option: wrong}) == {f"/options/{option}"}


@pytest.mark.parametrize(
    ("option", "value", "pointer"),
    [
        ("dedup", "EXACT", "/options/dedup"),
        ("variants", ["thumbnail", "thumbnail"], "/options/variants"),
        ("variants", ["thumbnail", {"name": "thumbnail", "width": 9}], "/options/variants"),
        ("variants", [{"name": "a/b", "width": 9}], "/options/variants/0/name"),
        ("analyze", ["clip"], "/options/analyze/0"),
        ("analyze", ["model:latest"], "/options/analyze/0"),
        ("analyze", ["basic", "basic"], "/options/analyze"),
        ("respect_robots", "no", "/options/respect_robots"),
        ("validate", [], "/options/validate"),
        ("validate", {"min_widht": 5}, "/options/validate/min_widht"),
    ],
)
def test_options_out_of_bounds(option: str, value: Any, pointer: str) -> None:
    assert where(urls("http://a/"), **{option: value}) == {pointer}


def test_options_that_are_stored_can_be_read_again() -> None:
    options = job(
        urls("http://a/"),
        validate={"min_width": 5},
        variants=["thumbnail", {"name": "big", "width": 9}],
    ).options
    stored = options.model_dump(mode="json")
    assert stored["validate"]["min_width"] == 5
    assert CrawlOptions.model_validate(stored) == options
