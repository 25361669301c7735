"""Sources and options of crawl jobs within their bounds."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.schemas.crawl_options import CrawlOptions
from shared.schemas.crawls import CrawlJobCreate
from shared.schemas.errors import list_problems
from shared.schemas.manifests import ManifestCreate
from shared.schemas.sources import UrlEntry


def job(source: dict[str, Any], **options: Any) -> CrawlJobCreate:
    return CrawlJobCreate.model_validate({"name": "cats", "source": source, "options": options})


def urls(*given: Any) -> dict[str, Any]:
    return {"type": "urls", "urls": list(given)}


def find_pointers(source: dict[str, Any], **options: Any) -> set[str]:
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
        "phash_distance": None,
        "variants": ["thumbnail"],
        "validate": None,
        "analyze": [],
        "respect_robots": True,
        "rights": "respect",
        "refresh": "skip",
        "every": None,
    }


@pytest.mark.parametrize("url", ["", "example.com", "http://a/\n", "http://a/\0", "x" * 9000])
def test_an_address_is_any_text(url: str) -> None:
    source = job(urls(url, {"url": url})).source
    assert source.type == "urls"
    assert source.urls == [url.strip(), UrlEntry(url=url.strip())]
    assert job({"type": "pages", "pages": [url]}).source.type == "pages"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (5, "/source/urls/1"),
        (None, "/source/urls/1"),
        (["http://a/"], "/source/urls/1"),
        ({}, "/source/urls/1/url"),
        ({"url": 5}, "/source/urls/1/url"),
        ({"url": "http://a/", "refused": "x"}, "/source/urls/1/refused"),
        ({"url": "http://a/", "label": ""}, "/source/urls/1/label"),
    ],
)
def test_entries_are_texts_or_objects(wrong: Any, pointer: str) -> None:
    assert find_pointers(urls("http://a/", wrong)) == {pointer}


def test_metadata_is_any_json() -> None:
    tags: list[Any] = ["a", {"b": None}]
    metadata: Any = {"camera": "X100", "stars": 5, "tags": tags, "share": 0.5, "ok": True}
    source = job(urls({"url": "http://a/", "metadata": metadata})).source
    assert source.type == "urls"
    assert source.urls == [UrlEntry(url="http://a/", metadata=metadata)]


@pytest.mark.parametrize(
    ("metadata", "pointer"),
    [
        ([], ""),
        ({"a": "\0"}, "/a"),
        ({"a": "\ud800"}, "/a"),
        ({"a": ["x", {"b": "\0"}]}, "/a/1/b"),
        ({"a": {"\0": 1}}, "/a"),
        ({"a": 2**64}, "/a"),
        ({"a": float("nan")}, "/a"),
        ({"": 1}, "/"),
        ({"a": "x" * 8192}, ""),
        ({"a": "ä" * 4096}, ""),
    ],
)
def test_metadata_that_cannot_be_stored(metadata: Any, pointer: str) -> None:
    found = find_pointers(urls("http://a/", {"url": "http://a/", "metadata": metadata}))
    assert found == {f"/source/urls/1/metadata{pointer}"}


def test_metadata_is_nested_so_far() -> None:
    nested: Any = 1
    for _ in range(100):
        nested = [nested]
    found = find_pointers(urls({"url": "http://a/", "metadata": {"a": nested}}))
    assert found == {"/source/urls/0/metadata/a"}


def test_ten_thousand_urls_and_no_more() -> None:
    many = [f"http://a/{number}" for number in range(10_001)]
    job(urls(*many[:10_000]))
    assert find_pointers(urls(*many)) == {"/source/urls"}


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
    assert find_pointers(source) == {pointer}


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
        options = job(urls("http://a/"), **{option: value, "dedup": "perceptual"}).options
        assert getattr(options, option) == value
    for wrong in (low - 1, high + 1, True, str(low), float(low), None):
        assert find_pointers(urls("http://a/"), **{option: wrong}) == {f"/options/{option}"}


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
    assert find_pointers(urls("http://a/"), **{option: value}) == {pointer}


def test_options_that_are_stored_can_be_read_again() -> None:
    options = job(
        urls("http://a/"),
        validate={"min_width": 5},
        variants=["thumbnail", {"name": "big", "width": 9}],
    ).options
    stored = options.model_dump(mode="json")
    assert stored["validate"]["min_width"] == 5
    assert CrawlOptions.model_validate(stored) == options


def test_an_option_that_would_be_ignored_is_refused() -> None:
    for dedup in ("none", "exact"):
        assert find_pointers(urls("http://a/"), dedup=dedup, max_distance=8) == {
            "/options/max_distance"
        }
        again = job(urls("http://a/"), dedup=dedup).options.model_dump(mode="json", by_alias=True)
        assert job(urls("http://a/"), **again).options.dedup == dedup
    body = {"name": "cats", "file_name": "a.csv", "size": 1, "options": {"max_distance": 8}}
    with pytest.raises(ValidationError):
        ManifestCreate.model_validate(body)


def test_keywords_stand_alone_or_in_categories() -> None:
    words = [f"word {number}" for number in range(501)]
    assert find_pointers({"type": "keywords"}) == {"/source/keywords"}
    assert find_pointers({"type": "keywords", "categories": {}}) == {"/source/categories"}
    many = {"type": "keywords", "categories": {"a": words[:300], "b": words[300:]}}
    assert find_pointers(many) == {"/source/categories"}
    assert find_pointers({"type": "keywords", "keywords": words}) == {"/source/keywords"}
    source = job({"type": "keywords", "categories": {"a": ["x"], "b": ["y", "x"]}}).source
    assert source.type == "keywords"
    assert source.list_keywords() == ["x", "y", "x"]


def test_pages_tell_no_hashes_to_compare() -> None:
    pages = {"type": "pages", "pages": ["http://a/"]}
    assert find_pointers(pages, phash_distance=4) == {"/options/phash_distance"}
    words = {"type": "keywords", "keywords": ["cat"]}
    assert find_pointers(words, phash_distance=4) == {"/options/phash_distance"}
    hashed = {"url": "http://a/", "phash": "0123456789abcdef"}
    for source in (urls(hashed), {"type": "manifest", "uri": "gs://b/a.csv"}):
        assert job(source, phash_distance=4).options.phash_distance == 4


def test_a_column_of_hashes_needs_a_distance() -> None:
    source = {"type": "manifest", "uri": "gs://b/a.csv", "columns": {"phash": "hash"}}
    assert find_pointers(source) == {"/options/phash_distance"}
    assert job(source, phash_distance=0).options.phash_distance == 0
    upload = {"name": "cats", "file_name": "a.csv", "size": 1, "columns": {"phash": "hash"}}
    with pytest.raises(ValidationError):
        ManifestCreate.model_validate(upload)
    ManifestCreate.model_validate(upload | {"options": {"phash_distance": 4}})


def test_other_hosts_are_for_links_that_are_followed() -> None:
    pages = {"type": "pages", "pages": ["http://a/"], "same_host": False}
    assert find_pointers(pages) == {"/source/same_host"}
    assert find_pointers(pages | {"max_depth": 0}) == {"/source/same_host"}
    job(pages | {"max_depth": 1})


def test_png_has_no_quality_but_in_options_that_are_stored() -> None:
    options = {"variants": ["thumbnail", {"name": "big", "width": 9, "format": "png"}]}
    lossy = {"variants": [*options["variants"], {"name": "b", "width": 9, "quality": 5}]}
    job(urls("http://a/"), **lossy)
    lossless = {"variants": [{"name": "b", "width": 9, "quality": 5, "format": "png"}]}
    assert find_pointers(urls("http://a/"), **lossless) == {"/options/variants/0/quality"}
    upload = {"name": "cats", "file_name": "a.csv", "size": 1, "options": lossless}
    with pytest.raises(ValidationError):
        ManifestCreate.model_validate(upload)
    assert CrawlOptions.model_validate(lossless).variants


def test_half_of_a_surrogate_pair_is_an_address_that_fails_later() -> None:
    source = job(urls("http://a/\ud83d", {"url": "\udc00"}, " http://b/ ")).source
    assert source.type == "urls"
    assert source.urls[0] == "http://a/\ud83d"
    assert source.urls[2] == "http://b/"
    assert find_pointers(urls({"url": "http://a/", "label": "\ud83d"})) == {"/source/urls/0/label"}
    nested = {"a": [{"\ud83d": 1}]}
    (found,) = find_pointers(urls({"url": "http://a/", "metadata": nested}))
    assert found.startswith("/source/urls/0/metadata/a/0/\ufffd")


def test_a_column_is_named_once() -> None:
    manifest = {"type": "manifest", "uri": "gs://b/a.csv", "url_column": "a"}
    assert find_pointers({**manifest, "columns": {"url": "b"}}) == {"/source/url_column"}
    source = job({**manifest, "columns": {"label": "b"}}).source
    assert source.type == "manifest"
    assert source.name_columns() == {"url": "a", "label": "b"}
