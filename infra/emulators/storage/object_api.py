"""Objects in the JSON API: metadata, downloads, lists, copies; uploads are in `upload_api`."""

from typing import Any

from werkzeug import Response

from infra.emulators.storage.call import Answer, Call
from infra.emulators.storage.conditions import Conditions, integer
from infra.emulators.storage.downloads import download
from infra.emulators.storage.errors import Invalid, NotImplementedHere
from infra.emulators.storage.listing import PAGE_LIMIT, Query, list_objects
from infra.emulators.storage.objects import Source
from infra.emulators.storage.resources import StoredObject, writable


def get(call: Call, bucket: str, name: str) -> Response:
    """Metadata, or the content with `alt=media`."""
    if call.query.get("alt") == "media":
        return get_media(call, bucket, name)
    return _answer(call, call.emulator.objects.get(call.source(bucket, name)))


def get_media(call: Call, bucket: str, name: str) -> Response:
    """Return the content."""
    return download(call.request, *call.emulator.objects.open(call.source(bucket, name)))


def patch(call: Call, bucket: str, name: str) -> Response:
    """Change the given metadata."""
    return _change(call, bucket, name, keep_others=True)


def update(call: Call, bucket: str, name: str) -> Response:
    """Replace all metadata."""
    return _change(call, bucket, name, keep_others=False)


def delete(call: Call, bucket: str, name: str) -> Response:
    """Delete an object."""
    call.emulator.objects.delete(call.source(bucket, name))
    return Response(status=204)


def list_(call: Call, bucket: str) -> Response:
    """Return a page of objects."""
    query = call.query
    for unknown in ("matchGlob", "includeTrailingDelimiter", "softDeleted"):
        if query.get(unknown, "false") not in ("", "false"):
            raise NotImplementedHere(f"This emulator does not implement {unknown}.")
    page = list_objects(
        call.emulator.database,
        bucket,
        Query(
            query.get("prefix", ""),
            query.get("delimiter", ""),
            query.get("startOffset", ""),
            query.get("endOffset", ""),
            query.get("pageToken", ""),
            integer(query, "maxResults") or PAGE_LIMIT,
        ),
    )
    body: dict[str, Any] = {"kind": "storage#objects"}
    if page.items:
        body["items"] = [stored.resource(call.emulator.base_url) for stored in page.items]
    if page.prefixes:
        body["prefixes"] = page.prefixes
    if page.next_page_token:
        body["nextPageToken"] = page.next_page_token
    return Answer(body).response()


def compose(call: Call, bucket: str, name: str) -> Response:
    """Join up to 32 objects of a bucket into one."""
    body = call.json()
    if body.get("deleteSourceObjects"):
        raise NotImplementedHere("This emulator does not implement deleteSourceObjects.")
    parts = body.get("sourceObjects")
    destination = body.get("destination") or {}
    if not isinstance(parts, list) or not isinstance(destination, dict):
        raise Invalid("You must provide at least one source component.")
    stored = call.emulator.objects.compose(
        bucket,
        name,
        [_component(bucket, part) for part in parts],
        writable(destination, creating=True),
        call.conditions,
    )
    return _answer(call, stored)


def copy(call: Call, source_bucket: str, source_name: str, bucket: str, name: str) -> Response:
    """Copy an object in one request."""
    return _answer(call, _copy(call, source_bucket, source_name, bucket, name))


def rewrite(call: Call, source_bucket: str, source_name: str, bucket: str, name: str) -> Response:
    """Copy an object; here it always takes one request."""
    stored = _copy(call, source_bucket, source_name, bucket, name)
    return Answer(
        {
            "kind": "storage#rewriteResponse",
            "totalBytesRewritten": str(stored.size),
            "objectSize": str(stored.size),
            "done": True,
            "resource": stored.resource(call.emulator.base_url),
        }
    ).response()


def _change(call: Call, bucket: str, name: str, *, keep_others: bool) -> Response:
    changes = writable(call.json(), creating=False)
    source = call.source(bucket, name)
    return _answer(call, call.emulator.objects.change(source, changes, keep_others=keep_others))


def _copy(call: Call, source_bucket: str, source_name: str, bucket: str, name: str) -> StoredObject:
    source = Source(
        source_bucket,
        source_name,
        integer(call.query, "sourceGeneration"),
        Conditions.from_query(call.query, "ifSource"),
    )
    given = writable(call.json(), creating=True)
    return call.emulator.objects.copy(source, bucket, name, given, call.conditions)


def _component(bucket: str, part: object) -> Source:
    if not isinstance(part, dict):
        raise Invalid("A source component must be an object with a name.")
    conditions = part.get("objectPreconditions") or {}
    wanted = {"generation": part.get("generation"), **dict(conditions)}
    numbers = {key: str(value) for key, value in wanted.items() if value is not None}
    return Source(
        bucket,
        part.get("name") or "",
        integer(numbers, "generation"),
        Conditions(generation_match=integer(numbers, "ifGenerationMatch")),
    )


def _answer(call: Call, stored: StoredObject) -> Response:
    return Answer(stored.resource(call.emulator.base_url), {"ETag": stored.etag}).response()
