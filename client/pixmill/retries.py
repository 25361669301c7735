"""Rules for trying failed calls again."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pixmill.calls import Call
from pixmill.errors import ApiError, Conflict, PixmillError, TooMany, Unreachable

_PASSING = (429, 502, 503, 504)
_REPEATABLE = ("GET", "HEAD", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Retries:
    """The number of attempts, and the seconds between them.

    Waits double from `first` to `longest`, less a part by chance. A server's Retry-After counts
    instead, up to `patience` seconds: a longer one is an error.
    """

    attempts: int = 6
    first: float = 0.5
    longest: float = 20.0
    patience: float = 120.0
    draw: Callable[[], float] = random.random

    def find_delay(self, call: Call[Any], attempt: int, failure: PixmillError) -> float | None:
        """Return the seconds to wait before attempt `attempt + 1`, or None to give up."""
        if attempt >= self.attempts or not _may_pass(call, failure):
            return None
        told = failure.retry_after if isinstance(failure, ApiError) else None
        if told is not None:
            return told if told <= self.patience else None
        wait = min(self.longest, self.first * 2.0 ** (attempt - 1))
        return wait * (0.5 + self.draw() / 2)


def _may_pass(call: Call[Any], failure: PixmillError) -> bool:
    """Return whether the failure may pass and the call does no harm when it comes twice."""
    is_safe = call.method in _REPEATABLE or call.takes_key
    match failure:
        case Unreachable():
            return is_safe or not failure.was_sent
        case Conflict():  # the first attempt, whose answer was lost, is still at work
            return (
                call.takes_key and "Idempotency-Key" in failure.detail and "still" in failure.detail
            )
        case TooMany():
            return True  # nothing was done
        case ApiError():
            return is_safe and failure.status in _PASSING
    return False


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a Retry-After header says, as a number or a date, or None."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())
