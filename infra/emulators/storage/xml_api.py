"""The XML API as far as signed URLs need it: GET, HEAD, PUT and resumable uploads of objects."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from werkzeug import Response

from infra.emulators.storage import cors, upload_api
from infra.emulators.storage.call import Call, decode_segment
from infra.emulators.storage.conditions import Conditions, LengthRange, parse_integer
from infra.emulators.storage.content import parse_goog_hash
from infra.emulators.storage.downloads import download, format_goog_hash, to_header_text
from infra.emulators.storage.errors import ApiError, Forbidden, NotImplementedHere, ResourceNotFound
from infra.emulators.storage.objects import Source
from infra.emulators.storage.resources import ObjectVersion, check_object_name, select_writable
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


def answer_signed(call: Call, verifier: Verifier) -> Response:
    """Answer a request for `/bucket/object`; errors are XML."""
    bucket, _, name = call.raw_path[1:].partition("/")
    headers = {key.lower(): value for key, value in call.request.headers.items()}
    settings = _find_settings(call, bucket)
    if call.request.method == "OPTIONS":
        return Response(headers=cors.make_preflight_headers(settings, headers))
    try:
        response = _answer_verified(call, verifier, bucket, name, headers)
    except ApiError as error:
        call.drain()
        response = Response(
            b"" if error.status == 304 else error.to_xml(),
            status=error.status,
            headers=dict(error.headers),
            mimetype="application/xml",
        )
    response.headers.extend(cors.make_response_headers(settings, headers, call.request.method))
    return response


def _answer_verified(
    call: Call, verifier: Verifier, bucket: str, name: str, headers: dict[str, str]
) -> Response:
    method = call.request.method
    if method == "PUT" and "upload_id" in call.query:  # the id is as good as a signature
        return _resume(call)
    if not is_signed(call.raw_query):
        raise Forbidden(
            details={"Details": "Anonymous caller does not have access to this bucket or object."}
        )
    # A URL signed for GET is good for HEAD too.
    methods = ("HEAD", "GET") if method == "HEAD" else (method,)
    verifier.verify(methods, call.raw_path, call.raw_query, headers, datetime.now(UTC))
    bucket, name = decode_segment(bucket), check_object_name(decode_segment(name))
    if method in ("GET", "HEAD"):
        return _get(call, bucket, name)
    if method == "PUT":
        return _put(call, bucket, name, headers)
    if method == "POST" and headers.get("x-goog-resumable") == "start":
        return _start(call, bucket, name, headers)
    raise NotImplementedHere(f"This emulator does not implement {method} with a signed URL.")


def _get(call: Call, bucket: str, name: str) -> Response:
    generation = parse_integer(call.query, "generation")
    try:
        stored, file = call.emulator.objects.open(Source(bucket, name, generation))
    except ResourceNotFound as error:
        if error.code == "NoSuchKey":
            error.message = "The specified key does not exist."
        raise
    response = download(call.request, stored, file)
    for key, value in (stored.properties.get("metadata") or {}).items():
        if key.isascii() and key.replace("-", "").replace("_", "").isalnum():
            response.headers[_META + key] = to_header_text(value)
    for parameter, header in _OVERRIDES.items():
        if value := call.query.get(parameter):
            response.headers[header] = to_header_text(value)
    response.headers["ETag"] = _format_etag(stored)
    return response


def _put(call: Call, bucket: str, name: str, headers: dict[str, str]) -> Response:
    given = _read_properties(headers)
    conditions = Conditions.from_headers(headers)
    objects, contents = call.emulator.objects, call.emulator.contents
    objects.check(bucket, name, conditions)
    allowed = LengthRange.parse(headers.get("x-goog-content-length-range"))
    content = contents.write(_limit_pieces(call, allowed), _read_hashes(headers))
    stored = objects.create(bucket, name, content, given, conditions)
    return Response(
        headers={
            "ETag": _format_etag(stored),
            "X-Goog-Generation": str(stored.generation),
            "X-Goog-Metageneration": str(stored.metageneration),
            "X-Goog-Hash": format_goog_hash(stored),
            "X-Goog-Stored-Content-Length": str(stored.size),
        }
    )


def _start(call: Call, bucket: str, name: str, headers: dict[str, str]) -> Response:
    """Open a resumable upload.

    https://cloud.google.com/storage/docs/xml-api/post-object-resumable
    """
    upload_id = call.emulator.uploads.start(
        bucket,
        name,
        _read_properties(headers),
        Conditions.from_headers(headers),
        _read_hashes(headers),
        allowed=LengthRange.parse(headers.get("x-goog-content-length-range")),
    )
    path = f"{quote(bucket)}/{quote(name, safe='/~')}"
    location = f"{call.emulator.base_url}/{path}?upload_id={upload_id}"
    return Response(status=201, headers={"Location": location, "X-GUploader-UploadID": upload_id})


def _resume(call: Call) -> Response:
    progress = upload_api.receive_media(call)
    if progress.resource is None:
        return upload_api.answer_unfinished(progress)
    generation = progress.resource["generation"]
    return Response(
        headers={"ETag": f'"{progress.resource["etag"]}"', "X-Goog-Generation": generation}
    )


def _read_properties(headers: dict[str, str]) -> dict[str, Any]:
    given = {field: headers[name] for field, name in _FIELDS.items() if name in headers}
    metadata = {
        key.removeprefix(_META): value for key, value in headers.items() if key.startswith(_META)
    }
    return select_writable({**given, "metadata": metadata})


def _read_hashes(headers: dict[str, str]) -> dict[str, str]:
    hashes = parse_goog_hash(headers.get("x-goog-hash", ""))
    if md5 := headers.get("content-md5"):
        hashes["md5"] = md5
    return hashes


def _limit_pieces(call: Call, allowed: LengthRange) -> Iterator[bytes]:
    """Yield the body, checked before anything is stored and while it comes."""
    announced = call.request.content_length
    if announced is not None:
        allowed.check(announced)
    size = 0
    for piece in call.read_pieces():
        size += len(piece)
        allowed.check(size, complete=False)
        yield piece
    allowed.check(size)


def _format_etag(stored: ObjectVersion) -> str:
    return f'"{stored.etag}"'


def _find_settings(call: Call, bucket: str) -> dict[str, Any]:
    try:
        return call.emulator.buckets.get(decode_segment(bucket))
    except ApiError:
        return {}
