"""Lifecycle rules: objects that a bucket's "Delete" rules apply to are deleted."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from infra.emulators.storage.buckets import Buckets
from infra.emulators.storage.conditions import Conditions
from infra.emulators.storage.database import Database
from infra.emulators.storage.errors import ApiError
from infra.emulators.storage.listing import Query, list_objects
from infra.emulators.storage.objects import Objects, Source
from infra.emulators.storage.resources import StoredObject

_KNOWN = frozenset(("age", "createdBefore", "matchesPrefix", "matchesSuffix"))


def sweep(database: Database, buckets: Buckets, objects: Objects, now: datetime) -> int:
    """Delete what is due; return how many objects. Rules with other conditions do nothing."""
    deleted = 0
    for bucket in buckets.matching(""):
        for rule in (bucket.get("lifecycle") or {}).get("rule", ()):
            condition = rule.get("condition") or {}
            if rule.get("action", {}).get("type") != "Delete" or not condition.keys() <= _KNOWN:
                continue
            for prefix in condition.get("matchesPrefix") or [""]:
                deleted += _apply(database, objects, bucket["name"], prefix, condition, now)
    return deleted


def _apply(
    database: Database,
    objects: Objects,
    bucket: str,
    prefix: str,
    condition: Mapping[str, Any],
    now: datetime,
) -> int:
    deleted = 0
    token: str | None = ""
    while token is not None:
        page = list_objects(database, bucket, Query(prefix=prefix, page_token=token))
        for stored in page.items:
            if not _due(stored, condition, now):
                continue
            unchanged = Conditions(generation_match=stored.generation)
            try:
                objects.delete(Source(bucket, stored.name, conditions=unchanged))
            except ApiError:
                continue  # replaced or deleted meanwhile
            deleted += 1
        token = page.next_page_token
    return deleted


def _due(stored: StoredObject, condition: Mapping[str, Any], now: datetime) -> bool:
    created = datetime.fromisoformat(stored.properties["timeCreated"])
    suffixes = condition.get("matchesSuffix")
    if suffixes and not stored.name.endswith(tuple(suffixes)):
        return False
    if "age" in condition and now - created < timedelta(days=int(condition["age"])):
        return False
    if "createdBefore" in condition:
        day = date.fromisoformat(condition["createdBefore"])
        return created < datetime(day.year, day.month, day.day, tzinfo=UTC)
    return bool(condition)
