"""Content codings of requests and answers: gzip, both ways."""

import gzip
import zlib
from functools import lru_cache
from typing import IO

from flask import Request, Response

from shared.errors import BadRequest, TooLarge, UnsupportedEncoding
from shared.runtime.etags import GZIP

_LEAST = 2048  # bytes, below which an answer stays as it is
_TYPES = (
    "application/json",
    "application/problem+json",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
)
_LEVEL = 5
_LARGE, _LEVEL_OF_LARGE = 1024 * 1024, 1  # which takes half the time for a tenth more bytes
_PIECE = 64 * 1024


def compress(request: Request, response: Response) -> None:
    """Compress a large answer where the client takes gzip."""
    if response.mimetype not in _TYPES or len(response.data) < _LEAST:
        return
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0:
        return
    is_document = "no-store" not in response.headers.get("Cache-Control", "no-store")
    response.data = (_compress_once if is_document else _compress)(response.data)
    response.headers["Content-Encoding"] = "gzip"
    if tag := response.get_etag()[0]:
        response.set_etag(tag + GZIP)


def _compress(data: bytes) -> bytes:
    return gzip.compress(data, _LEVEL if len(data) < _LARGE else _LEVEL_OF_LARGE, mtime=0)


_compress_once = lru_cache(maxsize=64)(_compress)  # of documents, which are the same each time


def read_decoded(request: Request, limit: int, too_large: TooLarge) -> bytes:
    """Return a body of up to `limit` bytes, and one more of a larger one, without its coding.

    Raises `too_large` for more bytes than that before or after, `UnsupportedEncoding`, and
    `BadRequest` for what is no gzip, breaks off, or goes on behind its end.
    """
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding in ("", "identity"):
        return request.stream.read(limit + 1)
    if coding not in ("gzip", "x-gzip"):
        raise UnsupportedEncoding
    return _expand(request.stream, limit, too_large)


def _expand(stream: IO[bytes], limit: int, too_large: TooLarge) -> bytes:
    decoder = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    expanded, read = bytearray(), 0
    while piece := stream.read(_PIECE):
        read += len(piece)
        try:
            expanded += decoder.decompress(piece, limit + 1 - len(expanded))
        except zlib.error:
            raise BadRequest("The body is not gzip, as its Content-Encoding says.") from None
        if max(read, len(expanded)) > limit:
            raise too_large
        if decoder.unused_data:
            raise BadRequest("The body goes on behind the end of its gzip stream.")
    if not decoder.eof:
        raise BadRequest("The body ends within its gzip stream.")
    return bytes(expanded)
