"""Requests that wait for a job's end."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, func, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.models import CrawlJob
from shared.operations.discovery import list_http_functions
from shared.runtime import waiting
from shared.schemas.kinds import MAX_WAIT
from shared.services import services
from tests import factories
from tests.harness import Person, System, expect, in_parallel


@pytest.fixture
def job(person: Person, session: Session) -> str:
    """Return the address of a crawl job at work."""
    project = factories.project(session, person.id)
    return f"/v1/crawl-jobs/{factories.crawl_job(session, project, status='running').id}"


@contextmanager
def soon(engine: Engine, job: str, **columns: Any) -> Iterator[None]:
    """Change a job shortly after the block has begun."""

    def change() -> None:
        with engine.begin() as connection:
            is_it = CrawlJob.id == job.rpartition("/")[2]
            connection.execute(update(CrawlJob).where(is_it).values(**columns))

    timer = threading.Timer(0.15, change)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def measure(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call returns, and the seconds that it took."""
    started = time.monotonic()
    return call(), time.monotonic() - started


def test_the_answer_comes_with_the_jobs_end(person: Person, engine: Engine, job: str) -> None:
    with soon(engine, job, status="completed", progress=100):
        answer, seconds = measure(lambda: person.get(f"{job}?wait=30"))
    assert (answer["status"], answer["progress"]) == ("completed", 100)
    assert 0.15 <= seconds < 15
    answer, _ = measure(lambda: person.get(f"{job}?wait=30"))
    assert answer["status"] == "completed"


def test_or_after_the_time_and_holds_no_connection_meanwhile(
    person: Person, engine: Engine, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    sleep = time.sleep

    def look(seconds: float) -> None:
        held.append(services().engine.pool.checkedout())  # type: ignore[attr-defined]
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", look)
    with soon(engine, job, name="renamed"):
        answer, seconds = measure(lambda: person.get(f"{job}?wait=1"))
    assert (answer["status"], answer["name"]) == ("running", "renamed")
    assert seconds >= 1
    assert set(held) == {0}
    assert len(held) < 30


def test_a_job_that_is_deleted_has_ended(person: Person, engine: Engine, job: str) -> None:
    with soon(engine, job, deleted_at=func.now()):
        ask = lambda: person.request("GET", f"{job}?wait=30")  # noqa: E731
        answer, seconds = measure(ask)
    expect(answer, 404)
    assert seconds < 15


@pytest.mark.parametrize("wait", ["-1", "61", "1.5", "", "soon", "1&wait=2", "1&colour=red"])
def test_bad_values_are_refused(person: Person, job: str, wait: str) -> None:
    problem = expect(person.request("GET", f"{job}?wait={wait}"), 422)
    assert problem["errors"]


def test_more_than_some_answer_at_once(system: System, person: Person, job: str) -> None:
    ask = lambda: measure(lambda: person.get(f"{job}?wait=1"))[1]  # noqa: E731
    seconds = sorted(in_parallel([ask] * (waiting.MOST_OF_ONE + 2)))
    assert sum(one >= 1 for one in seconds) == waiting.MOST_OF_ONE
    others = waiting.Places()
    accounts = [system.person().id for _ in range(3)]
    places = [others.take(one) for one in accounts for _ in range(waiting.MOST_OF_ONE)]
    assert sum(place.__enter__() for place in places) == waiting.MOST
    for place in places:
        place.__exit__(None, None, None)
    with others.take(accounts[0]) as got_one:
        assert got_one


def test_a_database_that_is_away_for_a_while_ends_no_wait(
    person: Person, engine: Engine, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([OperationalError("SELECT", {}, Exception({"C": "57P01"}))])

    def fail_once(*given: Any, **named: Any) -> Any:
        if (failure := next(failures, None)) is not None:
            raise failure
        return transaction(*given, **named)

    monkeypatch.setattr("shared.runtime.waiting.transaction", fail_once)
    with soon(engine, job, status="failed"):
        assert person.get(f"{job}?wait=30")["status"] == "failed"


def test_every_route_of_one_job_waits() -> None:
    waits = {op.path: op for _, op in list_http_functions() if op.waits_for is not None}
    shown = {
        op.path
        for _, op in list_http_functions()
        if op.method == "GET" and op.path.endswith(("job_id}", "prediction_id}", "version_id}"))
    }
    assert set(waits) == shown
    assert len(waits) >= 7
    for one in waits.values():
        assert one.terms.timeout >= MAX_WAIT + 30
        assert one.terms.concurrency >= 2 * waiting.MOST
