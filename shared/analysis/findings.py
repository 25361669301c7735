"""What an analyser is told about an image, and what it answers."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Subject:
    """An image to analyse: its objects in the bucket, and what is known about it.

    Width and height are pixels as displayed; `thumbnail` is the object of the 256-pixel rendition
    where there is one; `sharpness` was measured on the original.
    """

    image_id: UUID
    original: str
    thumbnail: str | None
    width: int | None
    height: int | None
    frames: int | None
    sharpness: float | None


@dataclass(frozen=True)
class Findings:
    """What an analyser found: a text, names with scores from 0 to 1, and values by name."""

    description: str | None
    labels: list[dict[str, Any]] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)


class AnalysisError(Exception):
    """The image cannot be analysed, and trying again would not help."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code}: {reason}")


class PassingError(AnalysisError):
    """The image could not be analysed now; it may well be later."""
