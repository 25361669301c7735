"""Compares what an address brought with the checksums that its source gives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from shared.imaging import inspect
from shared.schemas.fields import format_phash
from tests.harness import Person
from tests.sites import Site, encode, photo

Crawl = Callable[..., Any]

MEANT, OTHER = photo(1, side=320), photo(7, side=320)
SHA256 = hashlib.sha256(MEANT).hexdigest()
PHASH = format_phash(inspect(MEANT).phash)


def encode_again(data: bytes) -> bytes:
    """The same picture with other bytes."""
    from io import BytesIO

    return encode(Image.open(BytesIO(data)), "JPEG", quality=60)


@pytest.fixture
def run(site: Site, crawl: Crawl, person: Person) -> Callable[..., str | None]:
    """Crawl one entry whose address brings `data`; return the reason of its failure, if any."""

    def run(data: bytes, options: dict[str, Any], **known: str) -> str | None:
        entry = {"url": site.put("/a.jpg", data), **known}
        job = crawl([entry], **options)
        assert job["status"] == "completed"
        failed = person.get(f"/v1/crawl-jobs/{job['id']}/report")["failed_urls"]
        assert job["failed_images"] == len(failed)
        assert not any(one["retryable"] for one in failed)
        return failed[0]["reason"] if failed else None

    return run


@pytest.mark.parametrize(
    ("data", "known", "distance", "reason"),
    [
        (MEANT, {"sha256": SHA256}, None, None),
        (MEANT, {"sha256": SHA256.upper()}, None, None),
        (OTHER, {"sha256": SHA256}, None, "checksum_mismatch"),
        (encode_again(MEANT), {"sha256": SHA256}, None, "checksum_mismatch"),
        (encode_again(MEANT), {"sha256": SHA256, "phash": PHASH}, 8, None),
        (encode_again(MEANT), {"phash": PHASH.upper()}, 8, None),
        (OTHER, {"sha256": SHA256, "phash": PHASH}, 8, "different_picture"),
        (OTHER, {"phash": PHASH}, 8, "different_picture"),
        (MEANT, {"sha256": SHA256, "phash": "0" * 16}, 0, None),
    ],
    ids=range(9),
)
def test_what_is_taken_and_what_is_not(
    run: Callable[..., str | None],
    data: bytes,
    known: dict[str, str],
    distance: int | None,
    reason: str | None,
) -> None:
    assert run(data, {} if distance is None else {"phash_distance": distance}, **known) == reason


def test_what_is_not_taken_leaves_nothing_behind(
    site: Site, crawl: Crawl, person: Person, project: str
) -> None:
    job = crawl([{"url": site.put("/a.jpg", OTHER), "sha256": SHA256}])
    assert person.get(f"/v1/projects/{project}/images")["items"] == []
    (failed,) = person.get(f"/v1/crawl-jobs/{job['id']}/report")["failed_urls"]
    assert SHA256 in failed["detail"]
    assert hashlib.sha256(OTHER).hexdigest() in failed["detail"]
    assert failed["http_status"] == 200


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"sha256": "abc"}, "/source/urls/0/sha256"),
        ({"phash": "g" * 16}, "/source/urls/0/phash"),
        ({"phash": 5}, "/source/urls/0/phash"),
    ],
)
def test_checksums_that_are_none_are_refused(
    person: Person, project: str, change: dict[str, Any], pointer: str
) -> None:
    source = {"type": "urls", "urls": [{"url": "https://example.com/a.jpg", **change}]}
    body = {"name": "x", "source": source, "options": {"phash_distance": 8}}
    (error,) = person.post(f"/v1/projects/{project}/crawl-jobs", body, 422)["errors"]
    assert error["pointer"] == pointer


@pytest.mark.parametrize(
    ("known", "options"),
    [
        ({"phash": PHASH}, {}),
        ({"sha256": SHA256, "phash": PHASH}, {"phash_distance": None}),
        ({"sha256": SHA256}, {"phash_distance": 8}),
        ({}, {"phash_distance": 0}),
    ],
    ids=range(4),
)
def test_hashes_without_a_distance_and_distances_without_a_hash_are_refused(
    person: Person, project: str, known: dict[str, str], options: dict[str, Any]
) -> None:
    source = {"type": "urls", "urls": [{"url": "https://example.com/a.jpg", **known}]}
    body = {"name": "x", "source": source, "options": options}
    (error,) = person.post(f"/v1/projects/{project}/crawl-jobs", body, 422)["errors"]
    assert error["pointer"] == "/options/phash_distance"
