"""Uploads in the JSON API: media, multipart and resumable."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from werkzeug import Response

from infra.emulators.storage.call import Answer, Call, parse_json
from infra.emulators.storage.conditions import integer
from infra.emulators.storage.content import parse_goog_hash
from infra.emulators.storage.errors import ApiError, Invalid
from infra.emulators.storage.related import RelatedBody
from infra.emulators.storage.resources import check_object_name, writable
from infra.emulators.storage.uploads import Progress, Span


class _Cancelled(ApiError):
    """Client Closed Request"""

    status = 499


def insert(call: Call, bucket: str) -> Response:
    """Begins an upload, and in two of the three kinds also completes it."""
    kind = call.query.get("uploadType")
    if kind == "multipart":
        return _multipart(call, bucket)
    if kind == "resumable":
        return resume(call, bucket) if "upload_id" in call.query else _start(call, bucket)
    if kind == "media":
        return _media(call, bucket)
    raise Invalid(f"Invalid value for uploadType: {kind!r}")


def resume(call: Call, bucket: str) -> Response:
    """Take bytes of a resumable upload, or says how many are there."""
    span = Span.parse(call.request.headers.get("Content-Range"))
    upload_id = call.query.get("upload_id", "")
    progress = call.emulator.uploads.receive(upload_id, span, call.pieces(), _sent_hashes(call))
    return _progress(upload_id, progress)


def cancel(call: Call, bucket: str) -> Response:
    """End a resumable upload."""
    call.emulator.uploads.cancel(call.query.get("upload_id", ""))
    raise _Cancelled


def _media(call: Call, bucket: str) -> Response:
    given = {"contentType": call.request.headers.get("Content-Type")}
    return _store(call, bucket, call.query.get("name"), writable(given, creating=True), {}, None)


def _multipart(call: Call, bucket: str) -> Response:
    body = RelatedBody(call.request.headers.get("Content-Type", ""), call.pieces())
    metadata = parse_json(body.metadata)
    given = {"contentType": body.content_type, **writable(metadata, creating=True)}
    return _store(call, bucket, _name(call, metadata), given, _hashes(metadata), body)


def _store(
    call: Call,
    bucket: str,
    name: object,
    given: Mapping[str, Any],
    hashes: Mapping[str, str],
    related: RelatedBody | None,
) -> Response:
    emulator = call.emulator
    checked = check_object_name(name)
    conditions = call.conditions
    emulator.objects.check(bucket, checked, conditions)
    content = emulator.contents.write(related.media if related else call.pieces())
    try:
        content.verify(hashes)
        content.verify(_sent_hashes(call))
    except ApiError:
        emulator.contents.remove(content.id)
        raise
    stored = emulator.objects.create(bucket, checked, content, given, conditions)
    return Answer(stored.resource(emulator.base_url), {"ETag": stored.etag}).response()


def _start(call: Call, bucket: str) -> Response:
    metadata = call.json()
    headers = call.request.headers
    given = {
        "contentType": headers.get("X-Upload-Content-Type"),
        **writable(metadata, creating=True),
    }
    upload_id = call.emulator.uploads.start(
        bucket,
        check_object_name(_name(call, metadata)),
        given,
        call.conditions,
        _hashes(metadata),
        integer(headers, "X-Upload-Content-Length"),
    )
    location = (
        f"{call.emulator.base_url}/upload/storage/v1/b/{quote(bucket)}/o"
        f"?uploadType=resumable&upload_id={upload_id}"
    )
    return Response(headers={"Location": location, "X-GUploader-UploadID": upload_id})


def _progress(upload_id: str, progress: Progress) -> Response:
    headers = {"X-GUploader-UploadID": upload_id}
    if progress.resource is not None:
        return Answer(progress.resource, headers).response()
    if progress.received:
        headers["Range"] = f"bytes=0-{progress.received - 1}"
    return Response(status=308, headers=headers)


def _name(call: Call, metadata: Mapping[str, Any]) -> object:
    return call.query.get("name") or metadata.get("name")


def _hashes(metadata: Mapping[str, Any]) -> dict[str, str]:
    fields = {"crc32c": metadata.get("crc32c"), "md5": metadata.get("md5Hash")}
    return {algorithm: str(value) for algorithm, value in fields.items() if value is not None}


def _sent_hashes(call: Call) -> dict[str, str]:
    return parse_goog_hash(call.request.headers.get("X-Goog-Hash", ""))
