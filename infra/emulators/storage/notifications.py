"""Bucket notifications: configurations, and the journal of what is still to be sent.

https://cloud.google.com/storage/docs/pubsub-notifications
"""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.emulators.storage.buckets import require_bucket
from infra.emulators.storage.database import Database
from infra.emulators.storage.errors import Invalid, NotFound
from infra.emulators.storage.resources import StoredObject, timestamp

_TOPIC = re.compile(r"(?://pubsub\.googleapis\.com/)?(projects/[^/]+/topics/[^/]+)")
_EVENT_TYPES = frozenset(
    ("OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE", "OBJECT_DELETE", "OBJECT_ARCHIVE")
)
_KEPT = 7 * 24 * 3600  # seconds that an undeliverable notification stays


@dataclass(frozen=True)
class Pending:
    """A journalled message."""

    id: int
    data: bytes
    attributes: dict[str, str]


class Notifications:
    """Who wants to hear of what, and the messages that have not been sent."""

    def __init__(self, database: Database, base_url: str) -> None:
        self._database = database
        self._base_url = base_url
        self.journalled = threading.Event()

    def create(self, bucket: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Store a configuration."""
        resource = _checked(body)
        with self._database.writing() as connection:
            require_bucket(connection, bucket)
            return self._insert(connection, bucket, resource)

    def ensure(self, bucket: str, prefix: str, topic: str) -> None:
        """Finalized objects below a prefix go to a topic (`projects/P/topics/T`)."""
        wanted = _checked(
            {
                "topic": topic,
                "event_types": ["OBJECT_FINALIZE"],
                "object_name_prefix": prefix,
                "payload_format": "JSON_API_V1",
            }
        )
        with self._database.writing() as connection:
            require_bucket(connection, bucket)
            if not any(wanted.items() <= config.items() for config in _of(connection, bucket)):
                self._insert(connection, bucket, wanted)

    def configs(self, bucket: str) -> list[dict[str, Any]]:
        """Return a bucket's configurations, oldest first."""
        with self._database.reading() as connection:
            require_bucket(connection, bucket)
            return _of(connection, bucket)

    def get(self, bucket: str, config_id: str) -> dict[str, Any]:
        """One configuration."""
        for config in self.configs(bucket):
            if config["id"] == config_id:
                return config
        raise NotFound(f"Notification config {config_id} does not exist.")

    def delete(self, bucket: str, config_id: str) -> None:
        """Remove a configuration; what is journalled is still sent."""
        self.get(bucket, config_id)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM notification_configs WHERE id = ?", (int(config_id),))

    def journal(
        self,
        connection: sqlite3.Connection,
        event_type: str,
        stored: StoredObject,
        **generations: int,
    ) -> None:
        """Write an event's messages in the transaction of the change itself."""
        now = time.time()
        for config in _of(connection, stored.bucket):
            if event_type not in config.get("event_types", _EVENT_TYPES) or not (
                stored.name.startswith(config.get("object_name_prefix", ""))
            ):
                continue
            attributes = {
                **config.get("custom_attributes", {}),
                "notificationConfig": (
                    f"projects/_/buckets/{stored.bucket}/notificationConfigs/{config['id']}"
                ),
                "eventType": event_type,
                "payloadFormat": config["payload_format"],
                "bucketId": stored.bucket,
                "objectId": stored.name,
                "objectGeneration": str(stored.generation),
                "eventTime": timestamp(int(now * 1e6)),
                **{name: str(generation) for name, generation in generations.items()},
            }
            data = b""
            if config["payload_format"] == "JSON_API_V1":
                data = json.dumps(stored.resource(self._base_url)).encode()
            connection.execute(
                "INSERT INTO notifications (topic, data, attributes, journalled) "
                "VALUES (?, ?, ?, ?)",
                (_topic(config["topic"]), data, json.dumps(attributes), now),
            )

    def wake(self) -> None:
        """There may be something to send."""
        self.journalled.set()

    def topics(self) -> list[str]:
        """Topics that messages wait for."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT DISTINCT topic FROM notifications").fetchall()
        return [row[0] for row in rows]

    def pending(self, topic: str, limit: int) -> list[Pending]:
        """Return a topic's oldest messages."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id, data, attributes FROM notifications WHERE topic = ? "
                "ORDER BY id LIMIT ?",
                (topic, limit),
            ).fetchall()
        return [Pending(row[0], row[1], json.loads(row[2])) for row in rows]

    def sent(self, messages: Sequence[Pending]) -> None:
        """Forgets messages that the topic has taken."""
        with self._database.writing() as connection:
            connection.executemany(
                "DELETE FROM notifications WHERE id = ?", [(message.id,) for message in messages]
            )

    def sweep(self, now: float) -> None:
        """Drop what could not be sent for a week, as the service does."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM notifications WHERE journalled < ?", (now - _KEPT,))

    def _insert(
        self, connection: sqlite3.Connection, bucket: str, resource: dict[str, Any]
    ) -> dict[str, Any]:
        cursor = connection.execute(
            "INSERT INTO notification_configs (bucket, resource) VALUES (?, ?)", (bucket, "{}")
        )
        config_id = str(cursor.lastrowid)
        resource = {
            "kind": "storage#notification",
            "id": config_id,
            "selfLink": f"{self._base_url}/storage/v1/b/{bucket}/notificationConfigs/{config_id}",
            "etag": config_id,
            **resource,
        }
        connection.execute(
            "UPDATE notification_configs SET resource = ? WHERE id = ?",
            (json.dumps(resource), cursor.lastrowid),
        )
        return resource


def _of(connection: sqlite3.Connection, bucket: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        "SELECT resource FROM notification_configs WHERE bucket = ? ORDER BY id", (bucket,)
    )
    return [json.loads(row[0]) for row in rows]


def _topic(text: object) -> str:
    match = _TOPIC.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise Invalid(f"Invalid Google Cloud Pub/Sub topic: {text!r}")
    return match[1]


def _checked(body: Mapping[str, Any]) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "topic": f"//pubsub.googleapis.com/{_topic(body.get('topic'))}",
        "payload_format": body.get("payload_format"),
    }
    if resource["payload_format"] not in ("JSON_API_V1", "NONE"):
        raise Invalid("payload_format must be JSON_API_V1 or NONE")
    events = body.get("event_types")
    if events:
        if not isinstance(events, list) or not _EVENT_TYPES.issuperset(map(str, events)):
            raise Invalid(f"event_types must be some of {', '.join(sorted(_EVENT_TYPES))}")
        resource["event_types"] = events
    prefix = body.get("object_name_prefix")
    if prefix:
        if not isinstance(prefix, str):
            raise Invalid("object_name_prefix must be a string")
        resource["object_name_prefix"] = prefix
    attributes = body.get("custom_attributes")
    if attributes:
        if not isinstance(attributes, dict) or not all(
            isinstance(value, str) for value in attributes.values()
        ):
            raise Invalid("custom_attributes must map names to strings")
        resource["custom_attributes"] = attributes
    return resource
