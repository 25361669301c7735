"""Buckets and objects as the JSON API shows them, and what clients may set on them."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from infra.emulators.storage.content import Content
from infra.emulators.storage.errors import InvalidArgument, NotImplementedHere

_TEXTS = (
    *("cacheControl", "contentDisposition", "contentEncoding", "contentLanguage", "contentType"),
    "storageClass",
)
_WITHOUT_EFFECT = ("acl", "eventBasedHold", "kmsKeyName", "retention", "temporaryHold")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")


@dataclass(frozen=True)
class ObjectVersion:
    """A live object. `properties` are the fields that are shown as they are kept."""

    bucket: str
    name: str
    generation: int
    metageneration: int
    size: int
    content: str
    properties: Mapping[str, Any]

    @property
    def etag(self) -> str:
        """Changes with content and metadata."""
        return base64.b64encode(f"{self.generation}/{self.metageneration}".encode()).decode()

    def to_resource(self, base_url: str) -> dict[str, Any]:
        """Return the object resource; 64-bit numbers are strings, as the API has them.

        https://cloud.google.com/storage/docs/json_api/v1/objects
        """
        path = f"b/{self.bucket}/o/{quote(self.name, safe='~')}"
        media = f"{base_url}/download/storage/v1/{path}"
        return {
            "kind": "storage#object",
            "id": f"{self.bucket}/{self.name}/{self.generation}",
            "selfLink": f"{base_url}/storage/v1/{path}",
            "mediaLink": f"{media}?generation={self.generation}&alt=media",
            "name": self.name,
            "bucket": self.bucket,
            "generation": str(self.generation),
            "metageneration": str(self.metageneration),
            "size": str(self.size),
            "etag": self.etag,
            **self.properties,
        }


def make_properties(
    content: Content, given: Mapping[str, Any], generation: int, component_count: int | None
) -> dict[str, Any]:
    """Return the kept fields of a new object. A composite object has no MD5."""
    created = format_timestamp(generation)
    properties = {
        "storageClass": "STANDARD",
        **given,
        "crc32c": content.crc32c,
        "timeCreated": created,
        "updated": created,
        "timeStorageClassUpdated": created,
        "timeFinalized": created,
    }
    if component_count is None:
        properties["md5Hash"] = content.md5
    else:
        properties["componentCount"] = component_count
    return properties


def select_writable(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request that a client may set.

    Raises `NotImplementedHere` for fields that would keep an object from change or from others.
    """
    for field in _WITHOUT_EFFECT:
        if body.get(field):
            raise NotImplementedHere(f"This emulator does not implement {field}.")
    chosen: dict[str, Any] = {}
    for field in _TEXTS:
        if field in body:
            chosen[field] = _check_text(field, body[field])
    if "customTime" in body:
        value = chosen["customTime"] = _check_text("customTime", body["customTime"])
        if value is not None:
            _check_time(value)
    if "metadata" in body:
        chosen["metadata"] = _check_metadata(body["metadata"])
    return chosen


def drop_nulls(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value; metadata without any key is no metadata."""
    kept = {field: value for field, value in properties.items() if value is not None}
    if "metadata" in kept:
        kept["metadata"] = {k: v for k, v in kept["metadata"].items() if v is not None}
        if not kept["metadata"]:
            del kept["metadata"]
    return kept


def check_object_name(name: object) -> str:
    """Return a name that an object may have (cloud.google.com/storage/docs/objects#naming)."""
    if not isinstance(name, str) or not name:
        raise InvalidArgument("Required parameter: name")
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        length = 0
    if (
        not 1 <= length <= 1024
        or "\r" in name
        or "\n" in name
        or name in (".", "..")
        or name.startswith(".well-known/acme-challenge/")
    ):
        raise InvalidArgument("The specified object name is not valid.", code="InvalidObjectName")
    return name


def check_bucket_name(name: object) -> str:
    """Return a name that a bucket may have (cloud.google.com/storage/docs/buckets#naming)."""
    if not isinstance(name, str) or not _BUCKET_NAME.fullmatch(name) or ".." in name:
        raise InvalidArgument(f"Invalid bucket name: {name!r}", code="InvalidBucketName")
    return name


def format_timestamp(microseconds: int) -> str:
    """Return a time in RFC 3339, UTC, with milliseconds."""
    at = datetime.fromtimestamp(microseconds / 1e6, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _check_text(field: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 1024 or _CONTROL.search(value):
        raise InvalidArgument(f"Invalid value for {field}")
    return value


def _check_metadata(value: object) -> dict[str, str | None] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not all(
        entry is None or isinstance(entry, str) for entry in value.values()
    ):
        raise InvalidArgument("Invalid value for metadata: keys and values are strings")
    if sum(len(key) + len(entry or "") for key, entry in value.items()) > 8192:
        raise InvalidArgument(
            "The metadata of an object is at most 8 KiB.", code="MetadataTooLarge"
        )
    return value


def _check_time(value: str) -> None:
    try:
        aware = datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise InvalidArgument(f"Invalid value for customTime: {value!r}")
