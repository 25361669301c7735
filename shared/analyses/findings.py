"""The input and the answer of an analyzer."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AnalysisImage:
    """An image to analyse: its objects in the bucket, and what is known about it.

    Width and height are pixels as displayed; `thumbnail` is the object of the 256-pixel variant
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
    """An analyzer's answer: a text, labels with scores from 0 to 1, and values by name.

    `objects` have a label, a box (left, top, width and height as shares of the picture) and a
    score, or None for it; they are None where the analyzer gives no boxes.
    """

    description: str | None
    labels: list[dict[str, Any]] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    objects: list[dict[str, Any]] | None = None


class AnalysisError(Exception):
    """The image cannot be analysed, and trying again would not help."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code}: {reason}")


class PassingError(AnalysisError):
    """The image could not be analysed now; it may well be later, in `wait` seconds at the least."""

    def __init__(self, code: str, reason: str, wait: float = 0) -> None:
        self.wait = wait
        super().__init__(code, reason)


class UnexpectedError(PassingError):
    """A likely mistake in the program: tried again at once, as waiting changes nothing."""


# What outages do not raise, but mistakes do.
_MISTAKES = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)

Result = TypeVar("Result")


def try_analysis(work: Callable[[], Result]) -> Result | AnalysisError:
    """Return the result of `work`, or the error that it raised, so that other images go on."""
    try:
        return work()
    except AnalysisError as error:
        return error
    except Exception as error:
        return to_unexpected_error(error)


def to_unexpected_error(error: Exception) -> PassingError:
    """Return an exception that nothing foresaw as the error of an analysis, and log it."""
    log.error("an analysis failed", exc_info=error)
    kind = UnexpectedError if isinstance(error, _MISTAKES) else PassingError
    return kind("internal_error", f"Something went wrong: {type(error).__name__}.")
