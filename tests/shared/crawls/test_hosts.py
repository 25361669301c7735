"""Workers that share a host: in threads, each with its own connections, on a real database."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from shared.crawls.host_rules import HostLimit, HostLimits
from shared.crawls.hosts import SharedHosts
from shared.database.transactions import make_engine
from shared.fetching.addresses import AddressPolicy
from shared.fetching.client import Fetcher, FetchRequest, FetchResult
from shared.fetching.permits import HostClaim, HostReport
from shared.models import WebHost
from shared.services import services
from tests.harness import System, in_parallel
from tests.measured_host import MeasuredHost, measure_host

FOUR = HostLimit(4, 0)
Visit = Callable[..., list[FetchResult]]


@pytest.fixture
def host() -> Iterator[MeasuredHost]:
    with measure_host() as host:
        yield host


@pytest.fixture
def engines(system: System) -> Iterator[Callable[[], Engine]]:
    """Return the engine of each thread, whose connections are its own."""
    made: dict[int, Engine] = {}

    def find() -> Engine:
        thread = threading.get_ident()
        if thread not in made:
            made[thread] = make_engine(replace(services().settings, pool_size=1))
        return made[thread]

    yield find
    for one in made.values():
        one.dispose()


@pytest.fixture
def visit(engines: Callable[[], Engine], host: MeasuredHost) -> Visit:
    """Ask the host for paths as a worker of its own does."""

    def visit(
        paths: list[str],
        limit: HostLimit = FOUR,
        *,
        deadline: float | None = None,
        job: UUID | None = None,
        robots: bool = False,
        **options: Any,
    ) -> list[FetchResult]:
        desk = SharedHosts(engines(), HostLimits(limit), job, seconds=10)
        policy = AddressPolicy(frozenset({("127.0.0.1", host.server_port)}))
        given = {"user_agent": "Pixmill/test", "max_bytes": 10_000, "backoff": 0.01, **options}
        with Fetcher(policy, per_host=limit.width, desk=desk, **given) as fetcher:
            requests = [FetchRequest(host.url(path)) for path in paths]
            answers = fetcher.fetch_all(
                requests, respect_robots=robots, rights="ignore", deadline=deadline
            )
            return list(answers)

    return visit


def paths(count: int, first: int = 0) -> list[str]:
    return [f"/{number}" for number in range(first, first + count)]


def test_many_workers_never_exceed_a_hosts_limit(visit: Visit, host: MeasuredHost) -> None:
    """200 chunks of two, on four workers that take one after the other."""
    chunks = [paths(2, 2 * number) for number in range(200)]
    answers: list[FetchResult] = []

    def work() -> None:
        while chunks:
            answers.extend(visit(chunks.pop(), HostLimit(5, 0)))

    in_parallel([work] * 4)
    assert len(answers) == len(host.times) == 400
    assert all(answer.error is None for answer in answers)
    assert 2 <= host.busiest <= 5


def test_many_workers_keep_to_a_rate_together(visit: Visit, host: MeasuredHost) -> None:
    limit = HostLimit(8, 25)
    in_parallel([lambda n=n: visit(paths(20, 20 * n), limit) for n in range(4)])
    assert len(host.times) == 80
    assert host.busiest <= 8
    assert host.busiest_second() <= 25 + 1  # loopback may deliver one late


def test_those_who_come_later_get_a_share(
    visit: Visit, host: MeasuredHost, session: Session
) -> None:
    """A worker that holds all of a host gives up half when another one comes."""
    host.seconds = 0.1
    first = threading.Thread(target=visit, args=(paths(240),))
    first.start()
    wait_until(session, lambda: len(host.times) > 4)
    started = time.monotonic()
    visit(paths(8, 1000))
    mine = [one for one, path in zip(host.times, host.paths, strict=True) if len(path) == 5]
    assert len(host.times) < 248  # before the first had ended
    assert started < min(mine)
    first.join()
    assert host.busiest <= 4


def test_a_killed_workers_lease_runs_out(engines: Callable[[], Engine], visit: Visit) -> None:
    desk = SharedHosts(engines(), HostLimits(FOUR), seconds=2)
    (permit,) = desk.exchange([claim("127.0.0.1:1", waiting=9)]).values()
    assert permit.slots == 4
    other = SharedHosts(engines(), HostLimits(FOUR), seconds=2)
    slots = [ask(other, "127.0.0.1:1").slots]
    while slots[-1] == 0:  # the first one says nothing any more
        time.sleep(0.1)
        slots.append(ask(other, "127.0.0.1:1").slots)
    assert slots[0] == 0
    assert slots[-1] == 4
    assert time.monotonic() >= permit.expires_at


def test_a_worker_that_ends_gives_its_hosts_back(
    visit: Visit, host: MeasuredHost, session: Session
) -> None:
    visit(paths(3))
    assert session.scalars(select(WebHost.leases)).all() == [{}]


def test_retry_after_that_one_worker_saw_is_obeyed_by_others(
    visit: Visit, host: MeasuredHost
) -> None:
    host.answer = lambda handler, number: number == 0 and refuse(handler, 429, retry_after=3)
    (first,) = visit(paths(1), max_wait=1)
    assert (first.error and first.error.reason, first.error and first.error.wait) == (
        "rate_limited",
        3.0,
    )
    (second,) = visit(paths(1, 1), max_wait=30)
    assert second.error is None
    assert host.gaps()[0] >= 3


def test_a_long_wait_is_not_sat_out(visit: Visit, host: MeasuredHost) -> None:
    host.answer = lambda handler, number: refuse(handler, 503, retry_after=7200)
    visit(paths(1))
    (answer,) = visit(paths(1, 1), max_wait=20)
    assert answer.error
    assert answer.error.reason == "rate_limited"
    assert 7000 < (answer.error.wait or 0) <= 7200
    assert len(host.times) == 1


def test_refusals_without_a_time_close_the_host_for_longer_and_longer(
    visit: Visit, host: MeasuredHost, session: Session
) -> None:
    host.answer = lambda handler, number: number < 3 and refuse(handler, 429)
    for number in range(4):
        visit(paths(1, number), max_wait=30, retries=0)
    waits = host.gaps()
    assert len(waits) == 3
    assert waits[0] >= 1.5
    assert waits[1] >= 3
    assert waits[2] >= 6
    assert session.scalars(select(WebHost.refusals)).all() == [0]  # the last one was answered


def test_many_refusals_at_once_are_one(visit: Visit, host: MeasuredHost, session: Session) -> None:
    host.seconds = 0.3

    def answer(handler: Any, number: int) -> bool:
        time.sleep(0.3)
        return refuse(handler, 429)

    host.answer = answer
    visit(paths(8), HostLimit(8, 0), max_wait=1, retries=0)
    assert session.scalars(select(WebHost.refusals)).all() == [1]


def test_a_host_that_keeps_refusing_is_left_alone_and_looked_at_with_one_request(
    visit: Visit, host: MeasuredHost, session: Session
) -> None:
    session.add(WebHost(host=host.name, refusals=5, last_refusal="the server answered 429"))
    session.commit()
    host.answer = lambda handler, number: number == 0 and refuse(handler, 429)
    visit(paths(1), retries=0)
    (answer,) = visit(paths(1, 1))
    assert answer.error
    assert (answer.error.reason, answer.error.retryable) == ("host_closed", True)
    assert "refused 6 times in a row (the server answered 429)" in answer.error.detail
    assert len(host.times) == 1
    session.execute(text("UPDATE hosts SET open_at = now()"))
    session.commit()
    answers = visit(paths(12, 2))
    assert [one.error for one in answers] == [None] * 12
    assert host.gaps()[1] >= host.seconds  # alone, until it was answered
    assert session.scalars(select(WebHost.refusals)).all() == [0]


def test_silence_closes_a_host_for_all(engines: Callable[[], Engine], session: Session) -> None:
    limits = HostLimits(FOUR)
    for number in range(1, 11):
        desk = SharedHosts(engines(), limits, seconds=10)
        report = HostReport(unanswered=1)
        (permit,) = desk.exchange([HostClaim("a", 1, 0, 0, report)]).values()
        assert bool(permit.refusal) is (number == 10)
    assert permit.refusal
    assert "10 requests in a row had no answer" in permit.refusal.detail


def test_a_crawl_delay_holds_for_all_workers(visit: Visit, host: MeasuredHost) -> None:
    def answer(handler: Any, number: int) -> bool:
        if handler.path == "/robots.txt":
            handler.reply_with = (201, {}, b"User-agent: *\nCrawl-delay: 0.5\n")
        return True

    host.answer = answer
    in_parallel([lambda n=n: visit(paths(3, 3 * n), robots=True) for n in range(2)])
    images = [
        one for one, path in zip(host.times, host.paths, strict=True) if path != "/robots.txt"
    ]
    assert len(images) == 6
    gaps = [after - before for before, after in pairwise(sorted(images))]
    assert min(gaps) >= 0.5 - 0.02


def claim(host: str, *, waiting: int = 0, active: int = 0) -> HostClaim:
    return HostClaim(host, waiting, active, 0, HostReport())


def ask(desk: SharedHosts, host: str) -> Any:
    return desk.exchange([claim(host, waiting=9)])[host]


def refuse(handler: Any, status: int, retry_after: int | None = None) -> bool:
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    handler.reply_with = (status, headers, b"")
    return True


def wait_until(session: Session, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
