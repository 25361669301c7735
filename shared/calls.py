"""What a handler can be told about the call it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Caller:
    """Who is calling: an account, and the credential it came with."""

    id: UUID
    session_id: UUID | None = None
    api_key_id: UUID | None = None


@dataclass(frozen=True)
class RequestInfo:
    """Which request a call answers, and who sent it from where; `traceparent` is W3C's."""

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
class Received:
    """A message as it was delivered; `id` is the same each time, `attempt` counts from 1."""

    id: str
    body: dict[str, Any]
    attributes: dict[str, str]
    subscription: str
    attempt: int
