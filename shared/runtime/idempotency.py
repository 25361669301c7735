"""Retried POSTs: the same Idempotency-Key answers as the first time, without doing it again.

Follows draft-ietf-httpapi-idempotency-key-header: another body under the same key is a 422, and a
second request while the first runs a 409. The record is written in the transaction that does the
work, so a crash leaves neither; a lock that ends with that transaction tells a running first
request from a finished one. Work between two transactions is held by a row instead, which counts
as running until it is recorded, released, or older than the function may run.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import BadRequest, Conflict, Invalid
from shared.models import IdempotencyKey

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_KEPT = timedelta(hours=24)
_MAX_LENGTH = 255
_RUNNING = "The first request with this Idempotency-Key is still running."
_EXPIRED = IdempotencyKey.expires_at < func.now()


@dataclass(frozen=True)
class Recorded:
    """The first answer to a request."""

    status: int
    body: Any


@dataclass
class RepeatableRequest:
    """One request under an idempotency key."""

    caller: Caller
    key: str
    operation: str
    fingerprint: str
    held_since: datetime | None = None  # tells its own hold from a later request's

    def begin(self, session: Session) -> Recorded | None:
        """Return the first answer if there is one; None when this request is to do the work.

        Raises `Conflict` while the first request runs, and `Invalid` when it was another one.
        """
        number = int.from_bytes(
            hashlib.sha256(f"{self.caller.id}:{self.key}".encode()).digest()[:8], signed=True
        )
        got_it = session.scalar(text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": number})
        if not got_it:
            raise Conflict(_RUNNING)
        session.execute(delete(IdempotencyKey).where(*self._mine, _EXPIRED))
        row = session.scalar(select(IdempotencyKey).where(*self._mine))
        if row is None:
            return None
        if row.request_hash != self.fingerprint:
            raise Invalid(detail="This Idempotency-Key was used for another request.")
        if row.status == "running":
            raise Conflict(_RUNNING)
        if row.response_body is None and row.response_status != 204:
            raise Conflict(
                "This request has succeeded before. Its answer held a secret that is shown once."
            )
        return Recorded(row.response_status or 200, row.response_body)

    def mark_running(self, session: Session, seconds: int) -> None:
        """Count the request as running for so many seconds, beyond this transaction."""
        row = self._select_row(status="running", expires_at=func.now() + timedelta(seconds=seconds))
        session.add(row)
        session.flush()
        self.held_since = row.created_at

    def record(self, session: Session, status: int, body: Any) -> None:
        """Record the answer for 24 hours.

        Raises `Conflict` when the request was held, and another one has taken its place.
        """
        answer = {
            "status": "done",
            "response_status": status,
            "response_body": body,
            "expires_at": func.now() + _KEPT,
        }
        if self.held_since is None:
            session.add(self._select_row(**answer))
            return
        held = update(IdempotencyKey).where(*self._held).values(**answer)
        if session.execute(held.returning(IdempotencyKey.key)).first() is None:
            raise Conflict("This took so long that another request has begun under the same key.")

    def release(self, session: Session) -> None:
        """Allow the same request again at once; where it is not marked running, it is already."""
        if self.held_since is not None:
            session.execute(delete(IdempotencyKey).where(*self._held))

    @property
    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return IdempotencyKey.user_id == self.caller.id, IdempotencyKey.key == self.key

    @property
    def _held(self) -> tuple[ColumnElement[bool], ...]:
        return (
            *self._mine,
            IdempotencyKey.status == "running",
            IdempotencyKey.created_at == self.held_since,
        )

    def _select_row(self, **columns: Any) -> IdempotencyKey:
        return IdempotencyKey(
            user_id=self.caller.id,
            key=self.key,
            function=self.operation,
            request_hash=self.fingerprint,
            **columns,
        )


def read_key(
    header: str | None, caller: Caller, operation: str, path: str, body: bytes
) -> RepeatableRequest | None:
    """Return the request under the idempotency key of its header, or None without one.

    Raises `BadRequest` when the header is empty, too long or not printable ASCII.
    """
    if header is None:
        return None
    key = header.strip().strip('"')
    if not key or len(key) > _MAX_LENGTH or not key.isascii() or not key.isprintable():
        raise BadRequest("An Idempotency-Key has 1 to 255 printable ASCII characters.")
    try:
        canonical = json.dumps(json.loads(body or b"null"), sort_keys=True).encode()
    except (ValueError, RecursionError):  # tensors as bytes, or what nobody reads
        canonical = body
    fingerprint = hashlib.sha256(f"{operation}\n{path}\n".encode() + canonical).hexdigest()
    return RepeatableRequest(caller, key, operation, fingerprint)
