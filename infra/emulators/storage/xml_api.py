"""The XML API as far as signed URLs need it: GET, HEAD, PUT and DELETE of `/bucket/object`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from werkzeug import Response

from infra.emulators.storage import cors
from infra.emulators.storage.call import Call, decoded
from infra.emulators.storage.conditions import Conditions, integer
from infra.emulators.storage.content import parse_goog_hash
from infra.emulators.storage.downloads import download, goog_hash, header_text
from infra.emulators.storage.errors import ApiError, Forbidden, Invalid, MethodNotAllowed, NotFound
from infra.emulators.storage.objects import Source
from infra.emulators.storage.resources import StoredObject, check_object_name, writable
from infra.emulators.storage.signing import Verifier, is_signed

_FIELDS = {
    "cacheControl": "cache-control",
    "contentDisposition": "content-disposition",
    "contentEncoding": "content-encoding",
    "contentLanguage": "content-language",
    "contentType": "content-type",
    "customTime": "x-goog-custom-time",
    "storageClass": "x-goog-storage-class",
}
_META = "x-goog-meta-"
_OVERRIDES = {
    "response-content-type": "Content-Type",
    "response-content-disposition": "Content-Disposition",
}


def answer(call: Call, verifier: Verifier, now: datetime | None = None) -> Response:
    """Answers a request for `/bucket/object`; errors are XML."""
    bucket, _, name = call.raw_path[1:].partition("/")
    headers = {key.lower(): value for key, value in call.request.headers.items()}
    settings = _settings(call, bucket)
    if call.request.method == "OPTIONS":
        return Response(headers=cors.preflight(settings, headers))
    try:
        response = _checked(call, verifier, bucket, name, headers, now or datetime.now(UTC))
    except ApiError as error:
        call.drain()
        response = Response(
            b"" if error.status == 304 else error.as_xml(),
            status=error.status,
            headers=dict(error.headers),
            mimetype="application/xml",
        )
    response.headers.extend(cors.exposed(settings, headers, call.request.method))
    return response


def _checked(
    call: Call,
    verifier: Verifier,
    bucket: str,
    name: str,
    headers: dict[str, str],
    now: datetime,
) -> Response:
    method = call.request.method
    if not is_signed(call.raw_query):
        raise Forbidden(
            details={"Details": "Anonymous caller does not have access to this bucket or object."}
        )
    # A URL signed for GET is good for HEAD too.
    methods = ("HEAD", "GET") if method == "HEAD" else (method,)
    verifier.verify(methods, call.raw_path, call.raw_query, headers, now)
    bucket, name = decoded(bucket), check_object_name(decoded(name))
    if method in ("GET", "HEAD"):
        return _get(call, bucket, name)
    if method == "PUT":
        return _put(call, bucket, name, headers)
    if method == "DELETE":
        conditions = Conditions.from_headers(headers)
        generation = integer(call.query, "generation")
        call.emulator.objects.delete(Source(bucket, name, generation, conditions))
        return Response(status=204)
    raise MethodNotAllowed


def _get(call: Call, bucket: str, name: str) -> Response:
    generation = integer(call.query, "generation")
    try:
        stored, file = call.emulator.objects.open(Source(bucket, name, generation))
    except NotFound as error:
        if error.code == "NoSuchKey":
            error.message = "The specified key does not exist."
        raise
    response = download(call.request, stored, file)
    for key, value in (stored.properties.get("metadata") or {}).items():
        if key.isascii() and key.replace("-", "").replace("_", "").isalnum():
            response.headers[_META + key] = header_text(value)
    for parameter, header in _OVERRIDES.items():
        if value := call.query.get(parameter):
            response.headers[header] = header_text(value)
    response.headers["ETag"] = _etag(stored)
    return response


def _put(call: Call, bucket: str, name: str, headers: dict[str, str]) -> Response:
    given: dict[str, Any] = {
        field: headers[header] for field, header in _FIELDS.items() if header in headers
    }
    metadata = {
        key.removeprefix(_META): value for key, value in headers.items() if key.startswith(_META)
    }
    given = writable({**given, "metadata": metadata}, creating=True)
    hashes = parse_goog_hash(headers.get("x-goog-hash", ""))
    if md5 := headers.get("content-md5"):
        hashes["md5"] = md5
    conditions = Conditions.from_headers(headers)
    objects, contents = call.emulator.objects, call.emulator.contents
    objects.check(bucket, name, conditions)
    content = contents.write(_within(call, headers.get("x-goog-content-length-range")))
    try:
        content.verify(hashes)
    except ApiError:
        contents.remove(content.id)
        raise
    stored = objects.create(bucket, name, content, given, conditions)
    return Response(
        headers={
            "ETag": _etag(stored),
            "X-Goog-Generation": str(stored.generation),
            "X-Goog-Metageneration": str(stored.metageneration),
            "X-Goog-Hash": goog_hash(stored),
            "X-Goog-Stored-Content-Length": str(stored.size),
        }
    )


def _within(call: Call, length_range: str | None) -> Iterator[bytes]:
    """The body, checked against `min,max` bytes before anything is stored and while it comes."""
    least, most = _limits(length_range)
    announced = call.request.content_length
    if announced is not None:
        _check_length(announced, least, most)
    size = 0
    for piece in call.pieces():
        size += len(piece)
        _check_length(size, 0, most)
        yield piece
    _check_length(size, least, most)


def _limits(length_range: str | None) -> tuple[int, int]:
    if length_range is None:
        return 0, 5 * 2**40
    least, _, most = (part.strip() for part in length_range.partition(","))
    try:
        return int(least), int(most)
    except ValueError:
        raise Invalid("Invalid value for x-goog-content-length-range") from None


def _check_length(size: int, least: int, most: int) -> None:
    if size > most:
        raise Invalid(
            "Your proposed upload exceeds the maximum allowed object size.", code="EntityTooLarge"
        )
    if size < least:
        raise Invalid(
            "Your proposed upload is smaller than the minimum object size specified in your "
            "Policy Document.",
            code="EntityTooSmall",
        )


def _etag(stored: StoredObject) -> str:
    return f'"{stored.etag}"'


def _settings(call: Call, bucket: str) -> dict[str, Any]:
    try:
        return call.emulator.buckets.get(decoded(bucket))
    except ApiError:
        return {}
