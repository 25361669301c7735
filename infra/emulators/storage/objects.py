"""Objects on disk: every change is one transaction that checks preconditions.

A content file becomes an object's when the transaction commits. Files that a kill left without an
object are removed at the next start.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from infra.emulators.storage.buckets import require_bucket
from infra.emulators.storage.conditions import Conditions
from infra.emulators.storage.content import Content, ContentFiles, read_pieces
from infra.emulators.storage.database import Database, make_generation
from infra.emulators.storage.errors import InvalidArgument, make_object_not_found_error
from infra.emulators.storage.notifications import Notifications
from infra.emulators.storage.resources import (
    ObjectVersion,
    check_object_name,
    drop_nulls,
    make_properties,
)

COMPOSE_LIMIT = 32  # source objects of one compose request
COLUMNS = "bucket, name, generation, metageneration, size, content, properties"
_NONE = Conditions()


@dataclass(frozen=True)
class Source:
    """An object to read from, in a generation, under conditions."""

    bucket: str
    name: str
    generation: int | None = None
    conditions: Conditions = _NONE


class Objects:
    """The live objects of all buckets."""

    def __init__(
        self, database: Database, contents: ContentFiles, notifications: Notifications
    ) -> None:
        self._database = database
        self._contents = contents
        self._notifications = notifications

    def create(
        self,
        bucket: str,
        name: str,
        content: Content,
        given: Mapping[str, Any],
        conditions: Conditions = _NONE,
        *,
        component_count: int | None = None,
        then: Callable[[sqlite3.Connection, ObjectVersion], None] | None = None,
    ) -> ObjectVersion:
        """Make the content an object; it is removed when that fails. `then` joins the commit."""
        try:
            with self._database.begin_write() as connection:
                stored, previous = self._put(
                    connection, bucket, name, content, given, conditions, component_count
                )
                if then:
                    then(connection, stored)
        except BaseException:
            self._contents.remove(content.id)
            raise
        if previous:
            self._contents.remove(previous.content)
        self._notifications.wake()
        return stored

    def check(self, bucket: str, name: str, conditions: Conditions) -> None:
        """Raise what `create` would raise now, before a long upload."""
        check_object_name(name)
        with self._database.begin_read() as connection:
            require_bucket(connection, bucket)
            conditions.check(_find(connection, bucket, name))

    def get(self, source: Source) -> ObjectVersion:
        """Return a live object's metadata."""
        with self._database.begin_read() as connection:
            return _require(connection, source, reading=True)

    def open(self, source: Source) -> tuple[ObjectVersion, BinaryIO]:
        """Return a live object and its content, which stays readable when it is replaced."""
        with self._database.begin_read() as connection:
            stored = _require(connection, source, reading=True)
            return stored, self._contents.open(stored.content)

    def delete(self, source: Source) -> None:
        """Remove an object."""
        with self._database.begin_write() as connection:
            stored = _require(connection, source)
            connection.execute(
                "DELETE FROM objects WHERE bucket = ? AND name = ?",
                (stored.bucket, stored.name.encode()),
            )
        self._contents.remove(stored.content)

    def compose(
        self,
        bucket: str,
        name: str,
        sources: Sequence[Source],
        given: Mapping[str, Any],
        conditions: Conditions,
    ) -> ObjectVersion:
        """Join objects of one storage class, in order, to one.

        https://cloud.google.com/storage/docs/composite-objects
        """
        if not 1 <= len(sources) <= COMPOSE_LIMIT:
            raise InvalidArgument(
                f"The number of source components provided ({len(sources)}) is not between 1 and "
                f"{COMPOSE_LIMIT}"
            )
        self.check(bucket, name, conditions)
        opened: list[tuple[ObjectVersion, BinaryIO]] = []
        try:
            with self._database.begin_read() as connection:
                for source in sources:
                    part = _require(connection, source)
                    opened.append((part, self._contents.open(part.content)))
            if len({part.properties["storageClass"] for part, _ in opened}) > 1:
                raise InvalidArgument("The source objects must be of the same storage class.")
            content = self._contents.write(_concatenate(opened))
        finally:
            for _, file in opened:
                file.close()
        count = sum(part.properties.get("componentCount", 1) for part, _ in opened)
        given = {**given, "storageClass": opened[0][0].properties["storageClass"]}
        return self.create(bucket, name, content, given, conditions, component_count=count)

    def _put(
        self,
        connection: sqlite3.Connection,
        bucket: str,
        name: str,
        content: Content,
        given: Mapping[str, Any],
        conditions: Conditions,
        component_count: int | None,
    ) -> tuple[ObjectVersion, ObjectVersion | None]:
        """Write the row and its events; return the new object and the one it replaced."""
        check_object_name(name)
        require_bucket(connection, bucket)
        previous = _find(connection, bucket, name)
        conditions.check(previous)
        generation = make_generation(connection)
        properties = make_properties(content, drop_nulls(given), generation, component_count)
        stored = ObjectVersion(bucket, name, generation, 1, content.size, content.id, properties)
        _save(connection, stored)
        self._notifications.record(connection, stored, previous)
        return stored, previous


def read_row(row: tuple[Any, ...]) -> ObjectVersion:
    """Return a row of the table `objects`."""
    bucket, name, generation, metageneration, size, content, properties = row
    return ObjectVersion(
        bucket, name.decode(), generation, metageneration, size, content, json.loads(properties)
    )


def _find(connection: sqlite3.Connection, bucket: str, name: str) -> ObjectVersion | None:
    row = connection.execute(
        f"SELECT {COLUMNS} FROM objects WHERE bucket = ? AND name = ?",  # noqa: S608
        (bucket, name.encode()),
    ).fetchone()
    return read_row(row) if row else None


def _require(
    connection: sqlite3.Connection, source: Source, *, reading: bool = False
) -> ObjectVersion:
    require_bucket(connection, source.bucket)
    check_object_name(source.name)
    stored = _find(connection, source.bucket, source.name)
    if stored is None or source.generation not in (None, stored.generation):
        raise make_object_not_found_error(source.bucket, source.name)
    source.conditions.check(stored, reading=reading)
    return stored


def _save(connection: sqlite3.Connection, stored: ObjectVersion) -> None:
    connection.execute(
        f"INSERT OR REPLACE INTO objects ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (
            stored.bucket,
            stored.name.encode(),
            stored.generation,
            stored.metageneration,
            stored.size,
            stored.content,
            json.dumps(stored.properties),
        ),
    )


def _concatenate(opened: Sequence[tuple[ObjectVersion, BinaryIO]]) -> Iterator[bytes]:
    for _, file in opened:
        yield from read_pieces(file)
