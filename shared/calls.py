"""Parameters and results of handlers: the call that one answers, and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from shared.errors import AppError, Stale

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Caller:
    """The caller: an account, and the credential it came with."""

    id: UUID
    session_id: UUID | None = None
    api_key_id: UUID | None = None


@dataclass(frozen=True)
class RequestInfo:
    """The request that a call answers, and who sent it from where; `traceparent` is W3C's."""

    id: str
    ip: str | None
    user_agent: str | None
    traceparent: str


@dataclass(frozen=True)
class Sent:
    """The request as it was sent, its headers' names in lower case."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class SessionCookies:
    """The tokens that a browser sent in cookies, each None where it sent none."""

    access_token: str | None
    refresh_token: str | None
    device: str | None = None


@dataclass(frozen=True)
class Precondition:
    """The editions of a resource that a change is meant for (If-Match); None is any."""

    editions: frozenset[str] | None

    def check(self, updated_at: datetime) -> None:
        """Raise `Stale` for a row that has another edition. The row must be locked."""
        if self.editions is not None and make_edition(updated_at) not in self.editions:
            raise Stale


def make_edition(updated_at: datetime) -> str:
    """Return the edition of a row that changed last at this time."""
    return f"{int(updated_at.timestamp() * 1_000_000):x}"


@dataclass(frozen=True)
class Received:
    """A message as it was delivered; `id` is the same each time, `attempt` counts from 1."""

    id: str
    body: dict[str, Any]
    attributes: dict[str, str]
    subscription: str
    attempt: int


@dataclass(frozen=True)
class Redirect:
    """302: the content lies at a short-lived address."""

    url: str


@dataclass(frozen=True)
class Document:
    """Bytes as they are, with their media type."""

    content: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class JsonText(Generic[T]):
    """A model as JSON already, where there is so much of it that reading it again would cost."""

    text: str


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A model with another status or more headers than the declaration gives."""

    model: T
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    user_id: UUID | None = None  # whom it is about, where the caller is not signed in
    cookies: tuple[str, ...] = ()  # values of Set-Cookie


@dataclass(frozen=True)
class Done:
    """204 with cookies to set."""

    cookies: tuple[str, ...]
    user_id: UUID | None = None  # as in `Answer`


@dataclass(frozen=True)
class Refused:
    """An error whose transaction is kept: what the handler wrote before refusing is committed."""

    error: AppError
    user_id: UUID | None = None
