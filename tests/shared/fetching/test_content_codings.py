"""Content codings: undone where they are codings, left alone where they are not."""

from __future__ import annotations

import gzip
import os
import zlib
from contextlib import suppress
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.fetching.content_codings import BodyDecoder
from tests.growth import Maker, assert_linear, repetitions

BODY = os.urandom(3000) + bytes(200_000) + b"the end"
GZIP, ZLIB = gzip.compress(BODY), zlib.compress(BODY)


def decode(label: str, data: bytes, size: int = 16_384) -> bytes:
    decoder = BodyDecoder(label)
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(piece for part in parts for piece in decoder.decode(part))


@pytest.mark.parametrize("size", [1, 7, 1000, 10**9])
@pytest.mark.parametrize(
    ("label", "data"),
    [
        *(("", BODY), ("identity", BODY), ("identity,\n", BODY)),
        *((label, GZIP) for label in ("gzip", "GZip", " x-gzip ", "identity, gzip")),
        *((label, gzip.compress(GZIP)) for label in ("gzip, gzip", "gzip\ngzip")),
        ("deflate", ZLIB),
        ("deflate", ZLIB[2:-4]),  # without the zlib header, as some servers send it
        ("deflate, gzip", gzip.compress(ZLIB)),
        ("gzip", gzip.compress(BODY[:500]) + gzip.compress(BODY[500:])),
        ("gzip", GZIP + b"something else"),
        ("gzip", GZIP + b"\x1f"),
        *((label, GZIP) for label in ("gzip, aws-chunked", "utf-8,gzip", "gzip;q=1", '"gzip"')),
        *((label, BODY) for label in ("gzip, aws-chunked", "gzip;q=1", "pack200-gzip")),
        ("gzip", GZIP[:-8]),  # without its checksum, which browsers do not miss
    ],
)
def test_codings_are_undone(label: str, data: bytes, size: int) -> None:
    assert decode(label, data, size) == BODY


@pytest.mark.parametrize(
    "label",
    [
        *("aws-chunked", "UTF-8", "binary", "image/jpeg", "none", "compress", "7bit", "chunked"),
        *("charset=utf-8", "x-compress", "gzip, gzip, gzip, gzip, gzip", "\xe9"),
    ],
)
def test_an_unknown_label_leaves_the_body_as_it_is(label: str) -> None:
    decoder = BodyDecoder(label)
    assert not decoder.foreign
    assert decode(label, GZIP) == GZIP


@pytest.mark.parametrize("label", ["br", "zstd", "gzip, br"])
def test_some_codings_are_left_to_libcurl(label: str) -> None:
    assert BodyDecoder(label).foreign


@pytest.mark.parametrize(
    ("label", "data"), [("gzip", BODY), ("gzip", ZLIB), ("deflate", b"\xff" * 9)]
)
def test_a_false_label_is_an_error(label: str, data: bytes) -> None:
    with pytest.raises(zlib.error):
        decode(label, data)


def test_a_bomb_comes_in_small_pieces() -> None:
    bomb = gzip.compress(gzip.compress(bytes(50_000_000)))
    assert len(bomb) < 1000
    started = thread_time()
    pieces = BodyDecoder("gzip, gzip").decode(bomb)
    assert max(len(next(pieces)) for _ in range(10)) <= 65_536
    assert thread_time() - started < 0.5


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "gzip, deflate", "gzip, x"]))
def test_any_bytes_are_read(data: bytes, label: str) -> None:
    with suppress(zlib.error):
        decode(label, data, 3)


_TOKENS = [gzip.compress(b""), gzip.compress(b"a"), b"\x1f\x8b", b"\0", ZLIB[:2], GZIP[:50]]


@given(repetitions(_TOKENS), st.sampled_from(["gzip", "deflate", "gzip, gzip"]))
@settings(max_examples=40)
def test_decoding_takes_time_in_proportion(make: Maker, label: str) -> None:
    def work(data: bytes) -> None:
        with suppress(zlib.error):
            decode(label, data)

    assert_linear(work, make, 50_000)
