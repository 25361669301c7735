"""Answers that carry an object's bytes, whole or in part."""

import re
from datetime import UTC, datetime
from typing import BinaryIO

from werkzeug import Request, Response
from werkzeug.http import http_date
from werkzeug.wsgi import wrap_file

from infra.emulators.storage.errors import NotModified, PreconditionFailed, RangeNotSatisfiable
from infra.emulators.storage.resources import StoredObject

_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*")
_SHOWN = (
    ("cacheControl", "Cache-Control"),
    ("contentDisposition", "Content-Disposition"),
    ("contentEncoding", "Content-Encoding"),
    ("contentLanguage", "Content-Language"),
)


def download(request: Request, stored: StoredObject, file: BinaryIO) -> Response:
    """Streams an object; honours Range, If-Match and If-None-Match. Closes the file."""
    try:
        _check_etag(request, stored)
        span = byte_range(request.headers.get("Range"), stored.size)
    except BaseException:
        file.close()
        raise
    headers = object_headers(stored)
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
    body = wrap_file(request.environ, file, 256 * 1024)
    return Response(body, status=status, headers=headers, direct_passthrough=True)


def object_headers(stored: StoredObject) -> dict[str, str]:
    """Return what both APIs say about an object beside its bytes."""
    properties = stored.properties
    updated = datetime.fromisoformat(properties["updated"]).astimezone(UTC)
    headers = {
        "Content-Type": properties.get("contentType") or "application/octet-stream",
        "Accept-Ranges": "bytes",
        "ETag": stored.etag,
        "Last-Modified": http_date(updated),
        "X-Goog-Generation": str(stored.generation),
        "X-Goog-Metageneration": str(stored.metageneration),
        "X-Goog-Hash": goog_hash(stored),
        "X-Goog-Storage-Class": properties["storageClass"],
        "X-Goog-Stored-Content-Length": str(stored.size),
        "X-Goog-Stored-Content-Encoding": properties.get("contentEncoding") or "identity",
    }
    for field, header in _SHOWN:
        if value := properties.get(field):
            headers[header] = header_text(value)
    headers["Content-Type"] = header_text(headers["Content-Type"])
    return headers


def goog_hash(stored: StoredObject) -> str:
    """Return the X-Goog-Hash header; composite objects have no MD5."""
    hashes = [f"crc32c={stored.properties['crc32c']}"]
    if md5 := stored.properties.get("md5Hash"):
        hashes.append(f"md5={md5}")
    return ",".join(hashes)


def header_text(value: str) -> str:
    """Text as header bytes: UTF-8, which WSGI wants spelled as Latin-1, without control codes."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", value).encode().decode("latin-1")


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of a Range header (RFC 9110 §14.1.2); None for the whole.

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


def _check_etag(request: Request, stored: StoredObject) -> None:
    if request.if_match and stored.etag not in request.if_match:
        raise PreconditionFailed
    if request.if_none_match and stored.etag in request.if_none_match:
        raise NotModified
