"""What a handler may return besides a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel

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
