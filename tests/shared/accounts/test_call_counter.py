"""A limit of calls holds over any 60 seconds, in all processes together."""

import threading
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from shared.accounts.call_counter import WINDOW, CallCounter, CallLimit
from shared.models import CallCount
from shared.models.base import new_id

TEN = CallLimit("key", 10)
HUNDRED = CallLimit("key", 100)


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: float = 1_000_000 * WINDOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def subject() -> str:
    """Return a subject that no other test counts."""
    return str(new_id())


@pytest.fixture
def counter(engine: Engine, clock: Clock) -> CallCounter:
    return CallCounter(engine, clock)


def call(counter: CallCounter, subject: str, limit: CallLimit, times: int = 1) -> int:
    """Make calls and report each; how many were let through."""
    passed = 0
    for _ in range(times):
        passed += not counter.count(subject, limit).refused
        counter.report(subject, limit)
    return passed


def test_a_subject_may_make_its_calls_and_no_more(subject: str, counter: CallCounter) -> None:
    standings = [counter.count(subject, TEN) for _ in range(11)]
    assert [one.remaining for one in standings] == [*range(9, -1, -1), 0]
    assert [one.refused for one in standings] == [False] * 10 + [True]
    assert not counter.count(f"not {subject}", TEN).refused


def test_refused_calls_do_not_count(subject: str, counter: CallCounter, clock: Clock) -> None:
    assert call(counter, subject, TEN, 50) == 10
    clock.now += 2 * WINDOW
    assert call(counter, subject, TEN, 50) == 10


def test_the_minute_before_fades(subject: str, counter: CallCounter, clock: Clock) -> None:
    assert call(counter, subject, HUNDRED, 100) == 100
    clock.now += WINDOW
    assert call(counter, subject, HUNDRED, 100) == 0
    clock.now += WINDOW / 4
    assert call(counter, subject, HUNDRED, 100) == 25
    clock.now += WINDOW / 4
    assert call(counter, subject, HUNDRED, 100) == 25


@pytest.mark.parametrize("late", [0.0, 7.0, 30.0, 59.0])
@pytest.mark.parametrize("again", [0.0, 20.0, 45.0, 61.0])
def test_who_waits_as_long_as_told_is_let_through(
    subject: str, counter: CallCounter, clock: Clock, late: float, again: float
) -> None:
    clock.now += late
    call(counter, subject, TEN, 20)
    clock.now += again
    call(counter, subject, TEN, 20)
    refused = counter.count(subject, TEN)
    assert refused.refused
    clock.now += refused.seconds
    assert not counter.count(subject, TEN).refused


def test_processes_count_together(subject: str, engine: Engine, clock: Clock) -> None:
    processes = [CallCounter(engine, clock) for _ in range(4)]
    passed = sum(call(one, subject, HUNDRED, 10) for _ in range(10) for one in processes)
    # Between two reports another process may let a twentieth of the limit through.
    assert 100 <= passed <= 100 + 3 * 5


def test_a_new_process_hears_of_the_others_with_its_first_call(
    subject: str, engine: Engine, clock: Clock
) -> None:
    assert call(CallCounter(engine, clock), subject, TEN, 10) == 10
    assert call(CallCounter(engine, clock), subject, TEN, 10) == 1


def test_most_calls_ask_the_database_nothing(
    subject: str, engine: Engine, session: Session, clock: Clock
) -> None:
    counter = CallCounter(engine, clock)
    call(counter, subject, HUNDRED, 4)
    written = select(func.sum(CallCount.calls)).where(CallCount.subject == subject)
    assert session.scalar(written) == 1
    clock.now += 1
    counter.report(subject, HUNDRED)
    assert session.scalar(written) == 4


def test_threads_of_a_process_count_each_call_once(subject: str, counter: CallCounter) -> None:
    passed: list[int] = []
    threads = [
        threading.Thread(target=lambda: passed.append(call(counter, subject, HUNDRED, 30)))
        for _ in range(8)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(passed) == 100


def test_what_is_forgotten_is_not_reported(
    subject: str, counter: CallCounter, session: Session
) -> None:
    counter.count(subject, TEN)
    counter.forget(subject)
    counter.report(subject, TEN)
    assert session.scalar(select(func.count()).where(CallCount.subject == subject)) == 0


def test_many_strangers_do_not_fill_the_memory(counter: CallCounter) -> None:
    for _ in range(11):
        first = counter.count("first", TEN)
    assert first.refused
    for number in range(10_000):
        counter.count(f"stranger {number}", TEN)
    assert not counter.count("first", TEN).refused  # forgotten, as the longest unseen
