"""Resumable uploads: sessions that survive a restart, appended to until they are complete.

https://cloud.google.com/storage/docs/performing-resumable-uploads
"""

import json
import os
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from weakref import WeakValueDictionary

from infra.emulators.storage.conditions import Conditions, LengthRange
from infra.emulators.storage.content import ContentFiles
from infra.emulators.storage.database import Database
from infra.emulators.storage.errors import (
    ApiError,
    InvalidArgument,
    ResourceNotFound,
    ServiceUnavailable,
)
from infra.emulators.storage.objects import Objects
from infra.emulators.storage.resources import ObjectVersion

QUANTUM = 256 * 1024  # bytes; only whole multiples are kept of an unfinished upload
_RETENTION = 7 * 24 * 3600  # seconds that a session can be resumed
_CONTENT_RANGE = re.compile(r"bytes (?:\*|([0-9]{1,18})-(\*|[0-9]{1,18}))/(\*|[0-9]{1,18})")

_ANY_LENGTH = LengthRange()


@dataclass(frozen=True)
class Span:
    """The range of a request's bytes; `start` None asks for the state, `total` None is unknown."""

    start: int | None
    end: int | None  # inclusive; None: as long as the body is
    total: int | None

    @classmethod
    def parse(cls, content_range: str | None) -> "Span":
        """Return what a Content-Range header says; without one the body is the whole object.

        Node's client sends `bytes 0-*/*`: from there as long as the body is.
        """
        if content_range is None:
            return cls(0, None, None)
        match = _CONTENT_RANGE.fullmatch(content_range)
        if not match:
            raise InvalidArgument(f"Invalid value for Content-Range: {content_range!r}")
        start, end, total = (int(part) if part and part != "*" else None for part in match.groups())
        if start is not None and end is not None and (end < start or end >= (total or end + 1)):
            raise InvalidArgument(f"Invalid value for Content-Range: {content_range!r}")
        return cls(start, end, total)


@dataclass(frozen=True)
class UploadProgress:
    """Bytes kept so far, and the object's resource once it is complete."""

    received: int
    resource: dict[str, Any] | None = None


@dataclass(frozen=True)
class _UploadSession:
    id: str
    bucket: str
    name: str
    request: dict[str, Any]
    content: str | None
    answer: dict[str, Any] | None


class Uploads:
    """Open and recently completed sessions."""

    def __init__(
        self, database: Database, contents: ContentFiles, objects: Objects, base_url: str
    ) -> None:
        self._database = database
        self._contents = contents
        self._objects = objects
        self._base_url = base_url
        self._guard = threading.Lock()
        self._locks: WeakValueDictionary[str, Any] = WeakValueDictionary()

    def start(
        self,
        bucket: str,
        name: str,
        given: Mapping[str, Any],
        conditions: Conditions,
        hashes: Mapping[str, str],
        total: int | None = None,
        allowed: LengthRange = _ANY_LENGTH,
    ) -> str:
        """Open a session and return its id."""
        self._objects.check(bucket, name, conditions)
        upload_id = secrets.token_urlsafe(32)
        request = {
            "given": dict(given),
            "conditions": asdict(conditions),
            "hashes": dict(hashes),
            "total": total,
            "allowed": asdict(allowed),
        }
        content = self._contents.create()
        with self._database.begin_write() as connection:
            connection.execute(
                "INSERT INTO uploads (id, bucket, name, request, content, started) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (upload_id, bucket, name, json.dumps(request), content, time.time()),
            )
        return upload_id

    def receive(
        self, upload_id: str, span: Span, pieces: Iterable[bytes], hashes: Mapping[str, str]
    ) -> UploadProgress:
        """Append what is new of a request's bytes, and make the object when they are all there.

        Repeating a request is harmless, also the last one. Raises `ServiceUnavailable` for bytes
        behind a gap, as the service does.
        """
        with self._lock(upload_id):
            session = self._find(upload_id)
            if session.answer is not None or session.content is None:
                return UploadProgress(0, session.answer)
            received = self._trim(session.content)
            total = span.total
            if span.start is not None:
                received, total = self._append(session.content, received, span, pieces)
            expected = session.request["total"]
            if total is not None and expected not in (None, total):
                raise InvalidArgument(f"The upload was started for {expected} bytes, not {total}.")
            if total is None or received < total:
                return UploadProgress(self._trim(session.content))
            if received > total:
                raise InvalidArgument(f"{received} bytes were received of {total}.")
            return UploadProgress(received, self._finish(session, session.content, hashes))

    def cancel(self, upload_id: str) -> None:
        """End a session and remove its bytes."""
        with self._lock(upload_id):
            self._discard(self._find(upload_id))

    def sweep(self, now: float) -> None:
        """Forget sessions that are older than a week."""
        with self._database.begin_read() as connection:
            rows = connection.execute(
                "SELECT id FROM uploads WHERE started < ?", (now - _RETENTION,)
            ).fetchall()
        for row in rows:
            self.cancel(row[0])

    def _lock(self, upload_id: str) -> Any:
        with self._guard:
            return self._locks.setdefault(upload_id, threading.Lock())

    def _find(self, upload_id: str) -> _UploadSession:
        with self._database.begin_read() as connection:
            row = connection.execute(
                "SELECT id, bucket, name, request, content, answer FROM uploads WHERE id = ?",
                (upload_id,),
            ).fetchone()
        if not row:
            raise ResourceNotFound("There is no such upload.", code="NoSuchUpload")
        key, bucket, name, request, content, answer = row
        loaded = json.loads(answer) if answer else None
        return _UploadSession(key, bucket, name, json.loads(request), content, loaded)

    def _trim(self, content: str) -> int:
        """Cut a file that a broken request or a kill left uneven; return its size."""
        path = self._contents.get_path(content)
        size = path.stat().st_size
        if size % QUANTUM:
            os.truncate(path, size - size % QUANTUM)
        return size - size % QUANTUM

    def _append(
        self, content: str, received: int, span: Span, pieces: Iterable[bytes]
    ) -> tuple[int, int | None]:
        """Return the new size, and the total as far as it is known now."""
        start = span.start or 0
        if start > received:
            raise ServiceUnavailable(
                "Invalid request.  According to the Content-Range header, the upload offset is "
                f"{start} byte(s), which exceeds already uploaded size of {received} byte(s)."
            )
        position = start
        with self._contents.get_path(content).open("r+b") as file:
            file.seek(received)
            for piece in pieces:
                fresh = received - position
                position += len(piece)
                if fresh < len(piece):
                    file.write(piece[max(fresh, 0) :])
        length = position - start
        total = position if span.end is None and span.total is None else span.total
        if span.end is not None and length != span.end - start + 1:
            os.truncate(self._contents.get_path(content), received)
            raise InvalidArgument(
                f"Content-Range announces {span.end - start + 1} bytes, not {length}."
            )
        if position != total and length < QUANTUM:
            raise InvalidArgument(
                f"The number of bytes uploaded is required to be at least {QUANTUM}, except for "
                f"the final request. The received request contained {length} bytes."
            )
        return max(position, received), total

    def _finish(
        self, session: _UploadSession, content: str, hashes: Mapping[str, str]
    ) -> dict[str, Any]:
        answer: dict[str, Any] = {}

        def complete(connection: sqlite3.Connection, stored: ObjectVersion) -> None:
            answer.update(stored.to_resource(self._base_url))
            connection.execute(
                "UPDATE uploads SET content = NULL, answer = ? WHERE id = ?",
                (json.dumps(answer), session.id),
            )

        try:
            measured = self._contents.measure(content)
            LengthRange(**session.request["allowed"]).check(measured.size)
            measured.verify(session.request["hashes"])
            measured.verify(hashes)
            self._objects.create(
                session.bucket,
                session.name,
                measured,
                session.request["given"],
                Conditions(**session.request["conditions"]),
                then=complete,
            )
        except ApiError:
            self._discard(session)
            raise
        return answer

    def _discard(self, session: _UploadSession) -> None:
        with self._database.begin_write() as connection:
            connection.execute("DELETE FROM uploads WHERE id = ?", (session.id,))
        if session.content:
            self._contents.remove(session.content)
