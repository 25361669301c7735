"""Answers that carry an object's bytes, whole or in part."""

import re
import zlib
from collections.abc import Generator
from datetime import UTC, datetime
from itertools import chain
from typing import BinaryIO

from werkzeug import Request, Response
from werkzeug.http import http_date
from werkzeug.wsgi import wrap_file

from infra.emulators.storage.content import PIECE, read_pieces
from infra.emulators.storage.errors import (
    NotModified,
    PreconditionFailed,
    RangeNotSatisfiable,
    ServiceUnavailable,
)
from infra.emulators.storage.resources import ObjectVersion

_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*")
_SHOWN = (
    ("cacheControl", "Cache-Control"),
    ("contentDisposition", "Content-Disposition"),
    ("contentEncoding", "Content-Encoding"),
    ("contentLanguage", "Content-Language"),
)


def download(request: Request, stored: ObjectVersion, file: BinaryIO) -> Response:
    """Stream an object; honour Range, If-Match and If-None-Match. Close the file.

    An object that is kept in gzip is decompressed for a client that does not take gzip, and then
    sent whole (https://cloud.google.com/storage/docs/transcoding).
    """
    try:
        check_etag(request, stored)
        headers = make_object_headers(stored)
        if _must_decompress(request, stored):
            return _decompress(request, headers, file)
        span = parse_byte_range(request.headers.get("Range"), stored.size)
    except BaseException:
        file.close()
        raise
    status = 200
    length = stored.size
    if span is not None:
        start, end = span
        status, length = 206, end - start + 1
        headers["Content-Range"] = f"bytes {start}-{end}/{stored.size}"
        file.seek(start)
    headers["Content-Length"] = str(length)
    if request.method == "HEAD":
        file.close()
        return Response(status=status, headers=headers)
    body = wrap_file(request.environ, file, PIECE)
    return Response(body, status=status, headers=headers, direct_passthrough=True)


def check_etag(request: Request, stored: ObjectVersion) -> None:
    """Raise `PreconditionFailed` or `NotModified` as If-Match and If-None-Match say."""
    if request.if_match and stored.etag not in request.if_match:
        raise PreconditionFailed
    if request.if_none_match and stored.etag in request.if_none_match:
        raise NotModified


def make_object_headers(stored: ObjectVersion) -> dict[str, str]:
    """Return the headers that both APIs send with an object."""
    properties = stored.properties
    updated = datetime.fromisoformat(properties["updated"]).astimezone(UTC)
    headers = {
        "Content-Type": properties.get("contentType") or "application/octet-stream",
        "Accept-Ranges": "bytes",
        "ETag": stored.etag,
        "Last-Modified": http_date(updated),
        "X-Goog-Generation": str(stored.generation),
        "X-Goog-Metageneration": str(stored.metageneration),
        "X-Goog-Hash": format_goog_hash(stored),
        "X-Goog-Storage-Class": properties["storageClass"],
        "X-Goog-Stored-Content-Length": str(stored.size),
        "X-Goog-Stored-Content-Encoding": properties.get("contentEncoding") or "identity",
    }
    for field, header in _SHOWN:
        if value := properties.get(field):
            headers[header] = to_header_text(value)
    headers["Content-Type"] = to_header_text(headers["Content-Type"])
    return headers


def format_goog_hash(stored: ObjectVersion) -> str:
    """Return the X-Goog-Hash header; composite objects have no MD5."""
    hashes = [f"crc32c={stored.properties['crc32c']}"]
    if md5 := stored.properties.get("md5Hash"):
        hashes.append(f"md5={md5}")
    return ",".join(hashes)


def to_header_text(value: str) -> str:
    """Return text for a header, without control codes: UTF-8, spelled as Latin-1 as WSGI wants."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", value).encode().decode("latin-1")


def parse_byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Return first and last byte of a Range header (RFC 9110 §14.1.2), or None for the whole.

    Several ranges and malformed headers are ignored, as the RFC allows and the service does.
    """
    match = _RANGE.fullmatch(header) if header else None
    if not match or match[1] == match[2] == "":
        return None
    if not match[1]:
        start, end = max(size - int(match[2]), 0), size - 1
        if match[2].strip("0") == "":
            start = size
    else:
        start = int(match[1])
        end = min(int(match[2]), size - 1) if match[2] else size - 1
        if match[2] and int(match[2]) < start:
            return None
    if start >= size:
        raise RangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return start, end


def _must_decompress(request: Request, stored: ObjectVersion) -> bool:
    return (
        stored.properties.get("contentEncoding") == "gzip"
        and not request.accept_encodings["gzip"]
        and "no-transform" not in (stored.properties.get("cacheControl") or "")
    )


def _decompress(request: Request, headers: dict[str, str], file: BinaryIO) -> Response:
    del headers["Content-Encoding"], headers["Accept-Ranges"]
    headers["Warning"] = "214 UploadServer gunzipped"
    headers["Vary"] = "Accept-Encoding"
    pieces = _gunzip(file)
    try:
        first = next(pieces, b"")
    except zlib.error:
        raise ServiceUnavailable(
            "The object is not the gzip that its Content-Encoding says."
        ) from None
    if request.method == "HEAD":
        pieces.close()
        return Response(headers=headers)
    return Response(chain([first], pieces), headers=headers, direct_passthrough=True)


def _gunzip(file: BinaryIO) -> Generator[bytes]:
    """Yield what the members of a gzip file hold, a bounded number of bytes at a time."""
    with file:
        member = zlib.decompressobj(wbits=31)
        for piece in read_pieces(file):
            rest = piece
            while rest:
                if member.eof:
                    member = zlib.decompressobj(wbits=31)
                yield member.decompress(rest, PIECE)
                rest = member.unconsumed_tail or member.unused_data
        while not member.eof:
            if not (last := member.decompress(b"", PIECE)):
                raise zlib.error("The data ends too early.")
            yield last
