"""Bucket notifications: the journal of what is still to be sent about new objects.

https://cloud.google.com/storage/docs/pubsub-notifications
"""

import json
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.emulators.storage.database import Database
from infra.emulators.storage.resources import ObjectVersion, format_timestamp

_RETENTION = 7 * 24 * 3600  # seconds that an undeliverable notification stays


@dataclass(frozen=True)
class PendingNotification:
    """A journalled message."""

    id: int
    data: bytes
    attributes: dict[str, str]


class Notifications:
    """Messages about new objects, by the topics that their names' prefixes are mapped to."""

    def __init__(self, database: Database, base_url: str, topics: Mapping[str, str]) -> None:
        self._database = database
        self._base_url = base_url
        self._topics = topics
        self.journalled = threading.Event()

    def record(
        self, connection: sqlite3.Connection, stored: ObjectVersion, replaced: ObjectVersion | None
    ) -> None:
        """Write the messages about a new object in the transaction that makes it."""
        now = time.time()
        for number, (prefix, topic) in enumerate(self._topics.items(), 1):
            if not stored.name.startswith(prefix):
                continue
            attributes = {
                "notificationConfig": (
                    f"projects/_/buckets/{stored.bucket}/notificationConfigs/{number}"
                ),
                "eventType": "OBJECT_FINALIZE",
                "payloadFormat": "JSON_API_V1",
                "bucketId": stored.bucket,
                "objectId": stored.name,
                "objectGeneration": str(stored.generation),
                "eventTime": format_timestamp(int(now * 1e6)),
            }
            if replaced:
                attributes["overwroteGeneration"] = str(replaced.generation)
            data = json.dumps(stored.to_resource(self._base_url)).encode()
            connection.execute(
                "INSERT INTO notifications (topic, data, attributes, journalled) "
                "VALUES (?, ?, ?, ?)",
                (topic, data, json.dumps(attributes), now),
            )

    def wake(self) -> None:
        """Let the sender look for something to send."""
        self.journalled.set()

    def list_topics(self) -> list[str]:
        """Return the topics that messages wait for."""
        with self._database.begin_read() as connection:
            rows = connection.execute("SELECT DISTINCT topic FROM notifications").fetchall()
        return [row[0] for row in rows]

    def list_pending(self, topic: str, limit: int) -> list[PendingNotification]:
        """Return a topic's oldest messages."""
        with self._database.begin_read() as connection:
            rows = connection.execute(
                "SELECT id, data, attributes FROM notifications WHERE topic = ? "
                "ORDER BY id LIMIT ?",
                (topic, limit),
            ).fetchall()
        return [PendingNotification(row[0], row[1], json.loads(row[2])) for row in rows]

    def remove(self, messages: Sequence[PendingNotification]) -> None:
        """Forget messages that the topic has accepted."""
        with self._database.begin_write() as connection:
            connection.executemany(
                "DELETE FROM notifications WHERE id = ?", [(message.id,) for message in messages]
            )

    def sweep(self, now: float) -> None:
        """Drop what could not be sent for a week, as the service does."""
        with self._database.begin_write() as connection:
            connection.execute(
                "DELETE FROM notifications WHERE journalled < ?", (now - _RETENTION,)
            )
