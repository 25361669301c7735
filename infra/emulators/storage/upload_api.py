"""Uploads in the JSON API: media, multipart and resumable."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from werkzeug import Response

from infra.emulators.storage.call import Call, make_json_response, parse_json
from infra.emulators.storage.conditions import parse_integer
from infra.emulators.storage.content import parse_goog_hash
from infra.emulators.storage.errors import ApiError, InvalidArgument
from infra.emulators.storage.multipart import MultipartBody
from infra.emulators.storage.resources import check_object_name, select_writable
from infra.emulators.storage.uploads import Span, UploadProgress


class _CancelledError(ApiError):
    """Client Closed Request"""

    status = 499


def insert_object(call: Call, bucket: str) -> Response:
    """Begin an upload, and in two of the three kinds also complete it."""
    kind = call.query.get("uploadType")
    if kind == "multipart":
        return _insert_multipart(call, bucket)
    if kind == "resumable":
        return resume_upload(call, bucket) if "upload_id" in call.query else _start(call, bucket)
    if kind == "media":
        given = {"contentType": call.request.headers.get("Content-Type")}
        return _store(call, bucket, call.query.get("name"), given, {}, call.read_pieces())
    raise InvalidArgument(f"Invalid value for uploadType: {kind!r}")


def resume_upload(call: Call, bucket: str) -> Response:
    """Append bytes to a resumable upload, or say how many are there."""
    progress = receive_media(call)
    if progress.resource is None:
        return answer_unfinished(progress)
    return make_json_response(progress.resource)


def cancel_upload(call: Call, bucket: str) -> Response:
    """End a resumable upload."""
    call.emulator.uploads.cancel(call.query.get("upload_id", ""))
    raise _CancelledError


def receive_media(call: Call) -> UploadProgress:
    """Append a request's bytes to the upload that its `upload_id` names."""
    span = Span.parse(call.request.headers.get("Content-Range"))
    upload_id = call.query.get("upload_id", "")
    return call.emulator.uploads.receive(
        upload_id, span, call.read_pieces(), _read_sent_hashes(call)
    )


def answer_unfinished(progress: UploadProgress) -> Response:
    """Return the answer of a resumable upload that wants more bytes."""
    headers = {"Range": f"bytes=0-{progress.received - 1}"} if progress.received else {}
    return Response(status=308, headers=headers)


def _insert_multipart(call: Call, bucket: str) -> Response:
    body = MultipartBody(call.request.headers.get("Content-Type", ""), call.read_pieces())
    metadata = parse_json(body.metadata)
    given = {"contentType": body.content_type, **metadata}
    return _store(
        call, bucket, _read_name(call, metadata), given, _read_hashes(metadata), body.media
    )


def _store(
    call: Call,
    bucket: str,
    name: object,
    given: Mapping[str, Any],
    hashes: Mapping[str, str],
    pieces: Iterator[bytes],
) -> Response:
    emulator = call.emulator
    properties = select_writable(given)
    checked = check_object_name(name)
    emulator.objects.check(bucket, checked, call.conditions)
    content = emulator.contents.write(pieces, hashes, _read_sent_hashes(call))
    stored = emulator.objects.create(bucket, checked, content, properties, call.conditions)
    return make_json_response(stored.to_resource(emulator.base_url), {"ETag": stored.etag})


def _start(call: Call, bucket: str) -> Response:
    metadata = call.read_json()
    headers = call.request.headers
    upload_id = call.emulator.uploads.start(
        bucket,
        check_object_name(_read_name(call, metadata)),
        select_writable({"contentType": headers.get("X-Upload-Content-Type"), **metadata}),
        call.conditions,
        _read_hashes(metadata),
        parse_integer(headers, "X-Upload-Content-Length"),
    )
    location = (
        f"{call.emulator.base_url}/upload/storage/v1/b/{quote(bucket)}/o"
        f"?uploadType=resumable&upload_id={upload_id}"
    )
    return Response(headers={"Location": location, "X-GUploader-UploadID": upload_id})


def _read_name(call: Call, metadata: Mapping[str, Any]) -> object:
    return call.query.get("name") or metadata.get("name")


def _read_hashes(metadata: Mapping[str, Any]) -> dict[str, str]:
    fields = {"crc32c": metadata.get("crc32c"), "md5": metadata.get("md5Hash")}
    return {algorithm: str(value) for algorithm, value in fields.items() if value is not None}


def _read_sent_hashes(call: Call) -> dict[str, str]:
    return parse_goog_hash(call.request.headers.get("X-Goog-Hash", ""))
