"""Failures that may pass are tried again; nothing is done twice."""

from datetime import UTC, datetime

import pytest
from pixmill import operations
from pixmill.calls import Call
from pixmill.errors import (
    Conflict,
    Invalid,
    NotFound,
    PixmillError,
    ServerFailed,
    TooMany,
    Unreachable,
)
from pixmill.retries import Retries, parse_retry_after

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
READ = operations.projects_list()
CREATE = operations.projects_create({"name": "cats"})
REGISTER = operations.accounts_register({"email": "a@example.com", "password": "x" * 8})
SENT, UNSENT = Unreachable("gone", was_sent=True), Unreachable("away", was_sent=False)
AGAIN = Conflict(409, "Conflict", "The first request with this Idempotency-Key is still running.")


@pytest.mark.parametrize(
    ("call", "failure", "is_repeated"),
    [
        (READ, SENT, True),
        (CREATE, SENT, True),  # under its idempotency key
        (REGISTER, SENT, False),  # has none, and may have been done
        (REGISTER, UNSENT, True),
        (CREATE, ServerFailed(503, "", ""), True),
        (CREATE, ServerFailed(500, "", ""), False),
        (REGISTER, ServerFailed(503, "", ""), False),
        (REGISTER, TooMany(429, "", ""), True),
        (CREATE, AGAIN, True),
        (CREATE, Conflict(409, "", "The limit is 1000 projects; delete one first."), False),
        (CREATE, Invalid(422, "", ""), False),
        (READ, NotFound(404, "", ""), False),
    ],
)
def test_what_is_tried_again(call: Call[object], failure: PixmillError, is_repeated: bool) -> None:
    assert (Retries().find_delay(call, 1, failure) is not None) == is_repeated
    assert Retries(attempts=1).find_delay(call, 1, failure) is None


def test_waits_double_up_to_a_limit() -> None:
    retries = Retries(attempts=9, draw=lambda: 1.0)
    delays = [retries.find_delay(READ, attempt, SENT) for attempt in range(1, 9)]
    assert delays == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]
    assert Retries(draw=lambda: 0.0).find_delay(READ, 1, SENT) == 0.25


def test_what_the_server_says_counts_up_to_a_limit() -> None:
    assert Retries().find_delay(READ, 1, TooMany(429, "", "", retry_after=7)) == 7
    assert Retries(patience=60).find_delay(READ, 1, TooMany(429, "", "", retry_after=61)) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("120", 120.0),
        ("Tue, 01 Dec 2026 12:00:30 GMT", 30.0),
        ("Tue, 01 Dec 2026 11:59:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds
