"""Objects in the JSON API: metadata, downloads, lists, joins; uploads are in `upload_api`."""

from typing import Any

from werkzeug import Response

from infra.emulators.storage.call import Call, make_json_response
from infra.emulators.storage.conditions import Conditions, parse_integer
from infra.emulators.storage.downloads import check_etag, download
from infra.emulators.storage.errors import InvalidArgument, NotImplementedHere
from infra.emulators.storage.listing import PAGE_LIMIT, list_objects
from infra.emulators.storage.objects import Source
from infra.emulators.storage.resources import ObjectVersion, select_writable

_NOT_LISTED_BY = (
    *("endOffset", "includeTrailingDelimiter", "matchGlob", "softDeleted", "startOffset"),
)


def get_object(call: Call, bucket: str, name: str) -> Response:
    """Return metadata, or the content with `alt=media`."""
    if call.query.get("alt") == "media":
        return get_object_media(call, bucket, name)
    stored = call.emulator.objects.get(call.make_source(bucket, name))
    check_etag(call.request, stored)
    return _make_response(call, stored)


def get_object_media(call: Call, bucket: str, name: str) -> Response:
    """Return the content."""
    return download(call.request, *call.emulator.objects.open(call.make_source(bucket, name)))


def delete_object(call: Call, bucket: str, name: str) -> Response:
    """Delete an object."""
    call.emulator.objects.delete(call.make_source(bucket, name))
    return Response(status=204)


def list_bucket(call: Call, bucket: str) -> Response:
    """Return a page of objects."""
    query = call.query
    for parameter in _NOT_LISTED_BY:
        if query.get(parameter, "false") not in ("", "false"):
            raise NotImplementedHere(f"This emulator does not implement {parameter}.")
    page = list_objects(
        call.emulator.database,
        bucket,
        prefix=query.get("prefix", ""),
        delimiter=query.get("delimiter", ""),
        page_token=query.get("pageToken", ""),
        limit=parse_integer(query, "maxResults") or PAGE_LIMIT,
    )
    body: dict[str, Any] = {"kind": "storage#objects"}
    if page.items:
        body["items"] = [stored.to_resource(call.emulator.base_url) for stored in page.items]
    if page.prefixes:
        body["prefixes"] = page.prefixes
    if page.next_page_token:
        body["nextPageToken"] = page.next_page_token
    return make_json_response(body)


def compose_object(call: Call, bucket: str, name: str) -> Response:
    """Join up to 32 objects of a bucket into one."""
    body = call.read_json()
    if body.get("deleteSourceObjects"):
        raise NotImplementedHere("This emulator does not implement deleteSourceObjects.")
    parts = body.get("sourceObjects")
    destination = body.get("destination") or {}
    if not isinstance(parts, list) or not isinstance(destination, dict):
        raise InvalidArgument("You must provide at least one source component.")
    stored = call.emulator.objects.compose(
        bucket,
        name,
        [_read_component(bucket, part) for part in parts],
        select_writable(destination),
        call.conditions,
    )
    return _make_response(call, stored)


def _read_component(bucket: str, part: object) -> Source:
    if not isinstance(part, dict):
        raise InvalidArgument("A source component must be an object with a name.")
    conditions = part.get("objectPreconditions") or {}
    wanted = {"generation": part.get("generation"), **dict(conditions)}
    numbers = {key: str(value) for key, value in wanted.items() if value is not None}
    return Source(
        bucket,
        part.get("name") or "",
        parse_integer(numbers, "generation"),
        Conditions(generation_match=parse_integer(numbers, "ifGenerationMatch")),
    )


def _make_response(call: Call, stored: ObjectVersion) -> Response:
    return make_json_response(stored.to_resource(call.emulator.base_url), {"ETag": stored.etag})
