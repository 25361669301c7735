"""Objects that are kept in gzip: as they are for who takes gzip, decompressed for others."""

import gzip
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

CONTENT = b"abc" * 400_000 + os.urandom(1000)


@pytest.fixture
def put(bucket: Any) -> Callable[..., Any]:
    """Store bytes with a Content-Encoding of gzip."""

    def put(data: bytes, **properties: str) -> Any:
        blob = bucket.blob("x")
        blob.content_encoding = "gzip"
        for name, value in properties.items():
            setattr(blob, name, value)
        blob.upload_from_string(data, content_type="text/plain")
        return blob

    return put


@pytest.fixture(params=["json", "signed"])
def address(request: Any, bucket: Any, emulator: Any, credentials: Any) -> str:
    """Return an address of the object by each way to read it."""
    if request.param == "json":
        return f"{emulator.url}/storage/v1/b/{bucket.name}/o/x?alt=media"
    url: str = bucket.blob("x").generate_signed_url(
        version="v4",
        expiration=timedelta(minutes=1),
        api_access_endpoint=emulator.url,
        credentials=credentials,
    )
    return url


def get(address: str, encodings: str, method: str = "GET", **headers: str) -> Any:
    headers["Accept-Encoding"] = encodings
    return requests.request(method, address, headers=headers, stream=True, timeout=30)


@pytest.mark.parametrize("encodings", ["identity", "", "br", "gzip;q=0"])
@pytest.mark.parametrize("members", [1, 3])
def test_it_is_decompressed_for_who_takes_no_gzip(
    put: Callable[..., Any], address: str, encodings: str, members: int
) -> None:
    put(b"".join(gzip.compress(CONTENT) for _ in range(members)))
    with get(address, encodings, Range="bytes=0-9") as answer:
        assert answer.status_code == 200  # ranges of what is made on the way are not kept
        assert answer.raw.read() == CONTENT * members
    assert "Content-Encoding" not in answer.headers
    assert "Content-Length" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding"
    with get(address, encodings, "HEAD") as head:
        assert (head.status_code, head.raw.read()) == (200, b"")
        assert "Content-Encoding" not in head.headers


@pytest.mark.parametrize("encodings", ["gzip", "deflate, GZIP;q=0.5", "*"])
def test_it_stays_for_who_takes_gzip(put: Callable[..., Any], address: str, encodings: str) -> None:
    stored = gzip.compress(CONTENT)
    put(stored)
    with get(address, encodings) as answer:
        assert answer.raw.read() == stored
        assert answer.headers["Content-Encoding"] == "gzip"
    with get(address, encodings, Range="bytes=2-5") as part:
        assert (part.status_code, part.raw.read()) == (206, stored[2:6])


def test_it_stays_where_the_object_says_so(put: Callable[..., Any], address: str) -> None:
    stored = gzip.compress(CONTENT)
    put(stored, cache_control="public, no-transform")
    with get(address, "identity") as answer:
        assert answer.raw.read() == stored
        assert answer.headers["Content-Encoding"] == "gzip"


def test_what_is_no_gzip_cannot_be_decompressed(put: Callable[..., Any], address: str) -> None:
    put(b"plain text")
    with get(address, "identity") as answer:
        assert answer.status_code == 503
    with get(address, "gzip") as answer:
        assert answer.raw.read() == b"plain text"


def test_the_client_reads_both(put: Callable[..., Any], bucket: Any) -> None:
    stored = gzip.compress(CONTENT)
    put(stored)
    assert bucket.blob("x").download_as_bytes() == CONTENT
    assert bucket.blob("x").download_as_bytes(raw_download=True) == stored
