"""Buckets: created, shown and changed. Only settings that have an effect here are taken."""

import base64
import json
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from infra.emulators.storage.conditions import Conditions
from infra.emulators.storage.database import Database
from infra.emulators.storage.errors import (
    InvalidArgument,
    NotImplementedHere,
    ResourceConflict,
    make_bucket_not_found_error,
)
from infra.emulators.storage.resources import check_bucket_name, format_timestamp

# `cors` has an effect; the others say of every bucket here what is true of it, or mean nothing.
_SETTINGS = frozenset(("cors", "iamConfiguration", "labels", "location", "storageClass"))


class _BucketVersion:
    def __init__(self, resource: Mapping[str, Any]) -> None:
        self.generation = 1
        self.metageneration = int(resource["metageneration"])


class Buckets:
    """The buckets of one directory."""

    def __init__(self, database: Database, base_url: str) -> None:
        self._database = database
        self._base_url = base_url

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make a bucket, or raise `ResourceConflict` when it is there."""
        name = check_bucket_name(body.get("name"))
        resource = {
            "location": "US",
            "storageClass": "STANDARD",
            "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}},
            **_select_settings({key: value for key, value in body.items() if key != "name"}),
            "kind": "storage#bucket",
            "id": name,
            "name": name,
            "selfLink": f"{self._base_url}/storage/v1/b/{name}",
            "projectNumber": "0",
            "metageneration": "1",
            "timeCreated": format_timestamp(time.time_ns() // 1000),
        }
        with self._database.begin_write() as connection:
            if connection.execute("SELECT 1 FROM buckets WHERE name = ?", (name,)).fetchone():
                raise ResourceConflict(
                    "Your previous request to create the named bucket succeeded and you already "
                    "own it.",
                    code="BucketAlreadyOwnedByYou",
                )
            return _save(connection, resource)

    def ensure(self, name: str) -> None:
        """Make a bucket unless it is there."""
        try:
            self.create({"name": name})
        except ResourceConflict:
            return

    def get(self, name: str, conditions: Conditions | None = None) -> dict[str, Any]:
        """Return a bucket resource."""
        with self._database.begin_read() as connection:
            resource = _find_bucket(connection, name)
        if conditions:
            conditions.check(_BucketVersion(resource), reading=True)
        return resource

    def change(
        self, name: str, changes: Mapping[str, Any], conditions: Conditions
    ) -> dict[str, Any]:
        """Replace the given top-level settings; null removes one."""
        settings = _select_settings(changes)
        with self._database.begin_write() as connection:
            resource = _find_bucket(connection, name)
            conditions.check(_BucketVersion(resource))
            resource = {key: value for key, value in {**resource, **settings}.items() if value}
            resource["metageneration"] = str(int(resource["metageneration"]) + 1)
            return _save(connection, resource)


def require_bucket(connection: sqlite3.Connection, name: str) -> None:
    """Raise when there is no such bucket."""
    if not connection.execute("SELECT 1 FROM buckets WHERE name = ?", (name,)).fetchone():
        raise make_bucket_not_found_error()


def _find_bucket(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    row = connection.execute("SELECT resource FROM buckets WHERE name = ?", (name,)).fetchone()
    if not row:
        raise make_bucket_not_found_error()
    resource: dict[str, Any] = json.loads(row[0])
    return resource


def _select_settings(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of a request. Raise an `ApiError` for wrong ones and unknown ones."""
    for name, value in body.items():
        if name not in _SETTINGS and value:
            raise NotImplementedHere(f"This emulator does not implement the bucket's {name}.")
    rules = body.get("cors") or []
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise InvalidArgument("Invalid value for cors")
    for rule in rules:
        for field in ("origin", "method", "responseHeader"):
            names = rule.get(field, [])
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise InvalidArgument(f"Invalid value for cors: {field} is a list of strings")
    return {name: value for name, value in body.items() if name in _SETTINGS}


def _save(connection: sqlite3.Connection, resource: dict[str, Any]) -> dict[str, Any]:
    resource["updated"] = format_timestamp(time.time_ns() // 1000)
    resource["etag"] = base64.b64encode(resource["metageneration"].encode()).decode()
    connection.execute(
        "INSERT OR REPLACE INTO buckets VALUES (?, ?)", (resource["name"], json.dumps(resource))
    )
    return resource
