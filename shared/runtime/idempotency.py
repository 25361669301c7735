"""Retried POSTs: the same Idempotency-Key answers as the first time, without doing it again.

Follows draft-ietf-httpapi-idempotency-key-header: another body under the same key is a 422, and a
second request while the first runs a 409. The record is written in the transaction that does the
work, so a crash leaves neither; a lock that ends with that transaction tells a running first
request from a finished one.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import BadRequest, Conflict, Invalid
from shared.models import IdempotencyKey

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_KEPT = timedelta(hours=24)
_MAX_LENGTH = 255


@dataclass(frozen=True)
class Recorded:
    """The first answer to a request."""

    status: int
    body: Any


@dataclass(frozen=True)
class Attempt:
    """One request under an idempotency key."""

    caller: Caller
    key: str
    operation: str
    fingerprint: str

    def begin(self, session: Session) -> Recorded | None:
        """The first answer if there is one; None when this request is to do the work.

        Raises `Conflict` while the first request runs, and `Invalid` when it was another one.
        """
        number = int.from_bytes(
            hashlib.sha256(f"{self.caller.id}:{self.key}".encode()).digest()[:8], signed=True
        )
        got_it = session.scalar(text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": number})
        if not got_it:
            raise Conflict("The first request with this Idempotency-Key is still running.")
        session.execute(
            delete(IdempotencyKey).where(
                IdempotencyKey.user_id == self.caller.id,
                IdempotencyKey.key == self.key,
                IdempotencyKey.expires_at < func.now(),
            )
        )
        row = session.scalar(
            select(IdempotencyKey).where(
                IdempotencyKey.user_id == self.caller.id, IdempotencyKey.key == self.key
            )
        )
        if row is None:
            return None
        if row.request_hash != self.fingerprint:
            raise Invalid(detail="This Idempotency-Key was used for another request.")
        if row.response_body is None and row.response_status != 204:
            raise Conflict(
                "This request has succeeded before. Its answer held a secret that is shown once."
            )
        return Recorded(row.response_status or 200, row.response_body)

    def record(self, session: Session, status: int, body: Any) -> None:
        """Keeps the answer for 24 hours."""
        session.add(
            IdempotencyKey(
                user_id=self.caller.id,
                key=self.key,
                function=self.operation,
                status="done",
                request_hash=self.fingerprint,
                response_status=status,
                response_body=body,
                expires_at=func.now() + _KEPT,
            )
        )


def attempt(
    header: str | None, caller: Caller, operation: str, path: str, body: bytes
) -> Attempt | None:
    """The attempt that a request's header asks for, if it has one.

    Raises `BadRequest` when the header is empty, too long or not printable ASCII.
    """
    if header is None:
        return None
    key = header.strip().strip('"')
    if not key or len(key) > _MAX_LENGTH or not key.isascii() or not key.isprintable():
        raise BadRequest("An Idempotency-Key has 1 to 255 printable ASCII characters.")
    try:
        canonical = json.dumps(json.loads(body or b"null"), sort_keys=True)
    except (ValueError, RecursionError):  # an operation without a body does not read it
        canonical = ""
    fingerprint = hashlib.sha256(f"{operation}\n{path}\n{canonical}".encode()).hexdigest()
    return Attempt(caller, key, operation, fingerprint)
