"""Passwords, tokens and API keys: how they are made, kept and recognised.

Tokens are random and opaque. The database holds their SHA-256: with 256 random bits there is
nothing to guess, so a slow hash would only cost time. Passwords are hashed with argon2id.
"""

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from shared.accounts.prefixes import API_KEY
from shared.calls import Caller
from shared.errors import TooMany, Unauthorized
from shared.models import ApiKey, Profile, UserSession

_PREFIX_LENGTH = 12  # characters of an API key that a list shows

# OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
HASHING_AT_ONCE = threading.BoundedSemaphore(4)  # 4 x 19 MiB beside the rest of an instance
HASHING_WAIT = 5  # seconds
_LAST_USED_STEP = timedelta(minutes=1)


@dataclass(frozen=True)
class Token:
    """A new secret: the text for its owner, and the hash for the database."""

    text: str
    hash: str

    @property
    def prefix(self) -> str:
        """The first characters, by which its owner recognises it in a list."""
        return self.text[:_PREFIX_LENGTH]


def new_token(kind: str) -> Token:
    """Return a token of 256 random bits behind its kind's prefix."""
    text = kind + secrets.token_urlsafe(32)
    return Token(text, hash_token(text))


def hash_token(text: str) -> str:
    """Return the SHA-256 of a token in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Return an argon2id hash in its standard encoding. Raises `TooMany` when too many wait."""
    with _HashingSlot():
        return HASHER.hash(password)


def verify_password(password: str, hashed: str | None) -> bool:
    """Return whether a password belongs to a hash; without a hash this takes as long."""
    with _HashingSlot():
        try:
            return HASHER.verify(hashed or _make_dummy_hash(), password) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _make_dummy_hash() -> str:
    """Return a hash to verify against when there is no account: both answers take equal time."""
    return HASHER.hash(secrets.token_hex(16))


class _HashingSlot:
    def __enter__(self) -> None:
        if not HASHING_AT_ONCE.acquire(timeout=HASHING_WAIT):
            raise TooMany("Too many people are signing in; try again.", retry_after=5)

    def __exit__(self, *_: object) -> None:
        HASHING_AT_ONCE.release()


def authenticate(session: Session, text: str) -> Caller:
    """Return the caller to whom a bearer token or an API key belongs.

    Runs as the system role, before the caller is known. Raises `Unauthorized` for a token that is
    unknown, expired, revoked or of a deactivated account, without saying which.
    """
    hashed = hash_token(text)
    caller = (
        _find_api_key_caller(session, hashed)
        if text.startswith(API_KEY)
        else _find_session_caller(session, hashed)
    )
    if caller is None:
        raise Unauthorized("The credentials are wrong or have expired.")
    return caller


def _find_session_caller(session: Session, hashed: str) -> Caller | None:
    row = session.execute(
        select(UserSession.id, UserSession.access_hash, Profile.id)
        .join(Profile, Profile.id == UserSession.user_id)
        .where(
            UserSession.access_hash == hashed,
            UserSession.revoked_at.is_(None),
            UserSession.access_expires_at > func.now(),
            Profile.is_active,
        )
    ).one_or_none()
    if row is None or not hmac.compare_digest(row[1], hashed):
        return None
    return Caller(id=row[2], session_id=row[0])


def _find_api_key_caller(session: Session, hashed: str) -> Caller | None:
    row = session.execute(
        select(ApiKey.id, ApiKey.key_hash, Profile.id)
        .join(Profile, Profile.id == ApiKey.user_id)
        .where(
            ApiKey.key_hash == hashed,
            ApiKey.is_active,
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()),
            Profile.is_active,
        )
    ).one_or_none()
    if row is None or not hmac.compare_digest(row[1], hashed):
        return None
    _note_use(session, row[0])
    return Caller(id=row[2], api_key_id=row[0])


def _note_use(session: Session, api_key_id: UUID) -> None:
    """Note the use at most once a minute, so that a busy key is not a hot row."""
    session.execute(
        update(ApiKey)
        .where(
            ApiKey.id == api_key_id,
            or_(
                ApiKey.last_used_at.is_(None),
                ApiKey.last_used_at < func.now() - _LAST_USED_STEP,
            ),
        )
        .values(last_used_at=func.now())
    )
