"""Buckets: created, shown, changed and deleted; their settings are kept as they are sent."""

import base64
import json
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from infra.emulators.storage.conditions import Conditions
from infra.emulators.storage.database import Database
from infra.emulators.storage.errors import Conflict, Invalid, no_bucket
from infra.emulators.storage.resources import check_bucket_name, timestamp, without_nulls

_FIXED = frozenset(
    ("kind", "id", "name", "selfLink", "etag", "generation", "metageneration", "timeCreated")
)


class _Version:
    def __init__(self, resource: Mapping[str, Any]) -> None:
        self.generation = 1
        self.metageneration = int(resource["metageneration"])


class Buckets:
    """The buckets of one directory."""

    def __init__(self, database: Database, base_url: str) -> None:
        self._database = database
        self._base_url = base_url

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make a bucket, or raises `Conflict` when it is there."""
        name = check_bucket_name(body.get("name"))
        _check_settings(body)
        now = timestamp(time.time_ns() // 1000)
        resource = without_nulls(
            {
                "location": "US",
                "storageClass": "STANDARD",
                "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}},
                **{field: value for field, value in body.items() if field not in _FIXED},
                "kind": "storage#bucket",
                "id": name,
                "name": name,
                "selfLink": f"{self._base_url}/storage/v1/b/{name}",
                "projectNumber": "0",
                "metageneration": "1",
                "timeCreated": now,
            }
        )
        with self._database.writing() as connection:
            if connection.execute("SELECT 1 FROM buckets WHERE name = ?", (name,)).fetchone():
                raise Conflict(
                    "Your previous request to create the named bucket succeeded and you already "
                    "own it.",
                    code="BucketAlreadyOwnedByYou",
                )
            return _save(connection, resource)

    def ensure(self, name: str) -> None:
        """Make a bucket unless it is there."""
        try:
            self.create({"name": name})
        except Conflict:
            return

    def get(self, name: str, conditions: Conditions | None = None) -> dict[str, Any]:
        """Return a bucket resource."""
        with self._database.reading() as connection:
            resource = find_bucket(connection, name)
        if conditions:
            conditions.check(_Version(resource), reading=True)
        return resource

    def matching(self, prefix: str) -> list[dict[str, Any]]:
        """All buckets whose name begins with `prefix`, by name."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT resource FROM buckets ORDER BY name").fetchall()
        resources = [json.loads(row[0]) for row in rows]
        return [resource for resource in resources if resource["name"].startswith(prefix)]

    def change(
        self, name: str, changes: Mapping[str, Any], conditions: Conditions
    ) -> dict[str, Any]:
        """Replace the given top-level settings; null removes one, labels merge key by key."""
        _check_settings(changes)
        with self._database.writing() as connection:
            resource = find_bucket(connection, name)
            conditions.check(_Version(resource))
            kept = {field: value for field, value in changes.items() if field not in _FIXED}
            if kept.get("labels") is not None:
                labels = {**resource.get("labels", {}), **kept["labels"]}
                kept["labels"] = {key: value for key, value in labels.items() if value is not None}
            resource = without_nulls({**resource, **kept})
            resource["metageneration"] = str(int(resource["metageneration"]) + 1)
            return _save(connection, resource)

    def delete(self, name: str, conditions: Conditions) -> None:
        """Delete an empty bucket."""
        with self._database.writing() as connection:
            conditions.check(_Version(find_bucket(connection, name)))
            if connection.execute(
                "SELECT 1 FROM objects WHERE bucket = ? LIMIT 1", (name,)
            ).fetchone():
                raise Conflict(
                    "The bucket you tried to delete is not empty.", code="BucketNotEmpty"
                )
            connection.execute("DELETE FROM notification_configs WHERE bucket = ?", (name,))
            connection.execute("DELETE FROM buckets WHERE name = ?", (name,))


def find_bucket(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Return a bucket resource, or raises."""
    row = connection.execute("SELECT resource FROM buckets WHERE name = ?", (name,)).fetchone()
    if not row:
        raise no_bucket()
    resource: dict[str, Any] = json.loads(row[0])
    return resource


def require_bucket(connection: sqlite3.Connection, name: str) -> None:
    """Raise when there is no such bucket."""
    if not connection.execute("SELECT 1 FROM buckets WHERE name = ?", (name,)).fetchone():
        raise no_bucket()


def _check_settings(body: Mapping[str, Any]) -> None:
    """The shapes that this emulator itself relies on."""
    for rule in _objects("cors", body.get("cors")):
        for field in ("origin", "method", "responseHeader"):
            names = rule.get(field, [])
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise Invalid(f"Invalid value for cors: {field} is a list of strings")
    lifecycle = body.get("lifecycle") or {}
    if not isinstance(lifecycle, dict):
        raise Invalid("Invalid value for lifecycle")
    for rule in _objects("lifecycle.rule", lifecycle.get("rule")):
        condition = rule.get("condition", {})
        if not isinstance(rule.get("action"), dict) or not isinstance(condition, dict):
            raise Invalid("Invalid value for lifecycle: a rule has an action and a condition")
        if type(condition.get("age", 0)) is not int:
            raise Invalid("Invalid value for lifecycle: age is a number of days")
    if not isinstance(body.get("labels") or {}, dict):
        raise Invalid("Invalid value for labels")


def _objects(field: str, value: object) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise Invalid(f"Invalid value for {field}")
    return value


def _save(connection: sqlite3.Connection, resource: dict[str, Any]) -> dict[str, Any]:
    resource["updated"] = timestamp(time.time_ns() // 1000)
    resource["etag"] = base64.b64encode(resource["metageneration"].encode()).decode()
    connection.execute(
        "INSERT OR REPLACE INTO buckets VALUES (?, ?)", (resource["name"], json.dumps(resource))
    )
    return resource
