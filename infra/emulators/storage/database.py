"""Record of buckets, objects, uploads and unsent notifications: one SQLite file.

A commit is what makes an object exist, so its metadata, its content file and its notifications
appear together or not at all. Write-ahead logging without a sync for each commit survives the
death of the process at any point; a power cut can take back the last commits.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS clock (
    only INTEGER PRIMARY KEY CHECK (only = 1), generation INTEGER NOT NULL
);
INSERT OR IGNORE INTO clock VALUES (1, 0);
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, resource TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, name BLOB NOT NULL, generation INTEGER NOT NULL,
    metageneration INTEGER NOT NULL, size INTEGER NOT NULL, content TEXT NOT NULL,
    properties TEXT NOT NULL, PRIMARY KEY (bucket, name)
);
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, name TEXT NOT NULL, request TEXT NOT NULL,
    content TEXT, answer TEXT, started REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, data BLOB NOT NULL,
    attributes TEXT NOT NULL, journalled REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS notifications_by_topic ON notifications (topic, id);
"""


class Database:
    """One connection, used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def begin_read(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection, for reads that see one state."""
        with self._lock:
            yield self._connection

    @contextmanager
    def begin_write(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection in a transaction; it rolls back when something is raised in it."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have rolled it back
                    self._connection.execute("ROLLBACK")
                raise


def make_generation(connection: sqlite3.Connection) -> int:
    """Return the time in microseconds, but more than any earlier one, also across restarts."""
    row = connection.execute(
        "UPDATE clock SET generation = max(generation + 1, ?) RETURNING generation",
        (time.time_ns() // 1000,),
    ).fetchone()
    return int(row[0])
