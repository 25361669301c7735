"""What a handler may return besides a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from shared.errors import AppError

T = TypeVar("T", bound=BaseModel)


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
class Answer(Generic[T]):
    """A model with another status or more headers than the declaration gives."""

    model: T
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    user_id: UUID | None = None  # whom it is about, where the caller is not signed in


@dataclass(frozen=True)
class Refused:
    """An error whose transaction is kept: what the handler wrote before refusing is committed."""

    error: AppError
    user_id: UUID | None = None
