"""Lists: order, prefixes, delimiters and pages of exactly the size asked for."""

import uuid
from typing import Any

import pytest
from google.api_core.exceptions import BadRequest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.emulators.storage.emulator import Emulator
from infra.emulators.storage.listing import list_objects

NAMES = ["a", "a/1", "a/2", "a/b/3", "b/4", "b/c/5", "c", "é/6", "日/7"]


@pytest.fixture
def filled(bucket: Any) -> Any:
    """Return a bucket with `NAMES` in it."""
    for name in reversed(NAMES):
        bucket.blob(name).upload_from_string(b"x")
    return bucket


def names(blobs: Any) -> list[str]:
    return [blob.name for blob in blobs]


def test_lists_in_order_of_utf8(filled: Any) -> None:
    assert names(filled.list_blobs()) == NAMES


def test_prefix(filled: Any) -> None:
    assert names(filled.list_blobs(prefix="a/")) == ["a/1", "a/2", "a/b/3"]
    assert names(filled.list_blobs(prefix="é")) == ["é/6"]


def test_delimiter_folds_folders(filled: Any) -> None:
    found = filled.list_blobs(delimiter="/")
    assert names(found) == ["a", "c"]
    assert found.prefixes == {"a/", "b/", "é/", "日/"}
    found = filled.list_blobs(delimiter="/", prefix="a/")
    assert names(found) == ["a/1", "a/2"]
    assert found.prefixes == {"a/b/"}


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_have_the_size_asked_for(filled: Any, size: int) -> None:
    found = filled.list_blobs(page_size=size)
    pages = [names(page) for page in found.pages]
    assert [name for page in pages for name in page] == NAMES
    assert all(len(page) == size for page in pages[:-1])

    found = filled.list_blobs(page_size=size, delimiter="/")
    assert names(found) == ["a", "c"]
    assert found.prefixes == {"a/", "b/", "é/", "日/"}


def test_pages_go_on_while_objects_come_and_go(filled: Any) -> None:
    pages = filled.list_blobs(page_size=3).pages
    assert names(next(pages)) == ["a", "a/1", "a/2"]
    filled.blob("a/2").delete()
    filled.blob("a/0").upload_from_string(b"x")
    assert names(next(pages)) == ["a/b/3", "b/4", "b/c/5"]


def test_a_token_from_elsewhere_is_refused(filled: Any) -> None:
    with pytest.raises(BadRequest):
        names(filled.list_blobs(page_token="no token!"))


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Emulator:
    """Return the store without a server."""
    return Emulator(tmp_path_factory.mktemp("embedded"), "http://127.0.0.1:1")


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(
    stored=st.sets(st.text("ab/é", min_size=1, max_size=5), max_size=12),
    prefix=st.text("ab/", max_size=2),
    delimiter=st.sampled_from(["", "/", "b", "a/"]),
    limit=st.integers(1, 5),
)
def test_pages_together_are_the_definition(
    embedded: Emulator, stored: set[str], prefix: str, delimiter: str, limit: int
) -> None:
    """Pages of a list add up to the list that its definition gives."""
    bucket = f"bucket-{uuid.uuid4().hex}"
    embedded.buckets.create({"name": bucket})
    for name in stored:
        content = embedded.contents.write([b"x"])
        embedded.objects.create(bucket, name, content, {})
    items, prefixes = [], set()
    for name in sorted(stored):
        if name.startswith(prefix):
            cut = name.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                items.append(name)
            else:
                prefixes.add(name[: cut + len(delimiter)])

    found_items: list[str] = []
    found_prefixes: list[str] = []
    token: str | None = ""
    while token is not None:
        page = list_objects(
            embedded.database,
            bucket,
            prefix=prefix,
            delimiter=delimiter,
            page_token=token,
            limit=limit,
        )
        assert len(page.items) + len(page.prefixes) <= limit
        found_items += [stored_object.name for stored_object in page.items]
        found_prefixes += page.prefixes
        token = page.next_page_token
    assert found_items == items
    assert sorted(found_prefixes) == sorted(prefixes)
    assert len(found_prefixes) == len(set(found_prefixes))
