"""Manners towards one host, and hosts that do not hold up others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from shared.fetching.client import Fetcher, FetchRequest
from shared.fetching.exchange import Failure, FetchTask
from shared.fetching.pacing import Pacer
from shared.fetching.urls import parse_target

Make = Callable[..., Fetcher]
TIMEOUT = Failure("timeout", "no answer", retryable=True)


def task(url: str) -> FetchTask:
    return FetchTask(FetchRequest(url), url, parse_target(url), 0.0)


def test_a_host_sees_no_more_than_its_share(site: Any, fetcher: Make) -> None:
    site.fallback = lambda handler: handler.reply(b"x", after=0.03)
    requests = [FetchRequest(site.url(f"/{number}")) for number in range(40)]
    results = list(fetcher(site, per_host=3, concurrency=20).fetch_all(requests))
    assert len(results) == 40
    assert site.busiest == 3


def test_all_hosts_together_see_no_more_than_the_total(
    serve: Callable[[], Any], fetcher: Make
) -> None:
    sites = [serve() for _ in range(4)]
    busy, most, lock = 0, 0, threading.Lock()

    def answer(handler: Any) -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.05)
        with lock:
            busy -= 1  # before the answer, after which the next may come
        handler.reply(b"x")

    for site in sites:
        site.fallback = answer
    requests = [FetchRequest(site.url(f"/{n}")) for n in range(10) for site in sites]
    client = fetcher(*sites, per_host=4, concurrency=5)
    assert len(list(client.fetch_all(requests, respect_robots=False, rights="ignore"))) == 40
    assert 3 <= most <= 5


def test_a_slow_host_does_not_hold_up_another(serve: Callable[[], Any], fetcher: Make) -> None:
    slow, quick = serve(), serve()
    slow.fallback = lambda handler: slow.released.wait(60) and handler.reply(b"late")
    quick.fallback = lambda handler: handler.reply(b"x")
    requests = [FetchRequest(slow.url(f"/{n}")) for n in range(50)]
    requests += [FetchRequest(quick.url(f"/{n}")) for n in range(50)]
    results = fetcher(slow, quick, per_host=4, concurrency=8).fetch_all(
        requests, respect_robots=False, rights="ignore"
    )
    first = [next(results).request.url for _ in range(50)]
    assert all(url.startswith(quick.url()) for url in first)
    slow.released.set()
    assert len(list(results)) == 50


def test_tasks_take_turns_by_host() -> None:
    pacer = Pacer(per_host=1, max_wait=60)
    for url in ("http://a/1", "http://a/2", "http://b/1", "http://a/3", "http://b/2"):
        pacer.add(task(url), 0.0)
    first, second = pacer.pop_next(0.0), pacer.pop_next(0.0)
    assert first
    assert second
    assert [first.url, second.url] == ["http://a/1", "http://b/1"]
    assert pacer.pop_next(0.0) is None
    pacer.finish(second, None, 0.0)
    third = pacer.pop_next(0.0)
    assert third
    assert third.url == "http://b/2"
    assert pacer.waiting == 2


def test_a_delay_is_kept_between_starts() -> None:
    pacer = Pacer(per_host=4, max_wait=60)
    for url in ("http://a/1", "http://a/2", "http://a/3"):
        pacer.add(task(url), 0.0)
    pacer.slow_down(task("http://a/"), 5.0)
    one = pacer.pop_next(0.0)
    assert one
    pacer.finish(one, None, 1.0)
    assert pacer.pop_next(4.9) is None
    assert pacer.get_next_moment() == 5.0
    assert pacer.pop_next(5.0)
    assert pacer.pop_next(10.0) is None  # the second is still on its way


def test_a_closed_host_waits_for_its_moment() -> None:
    pacer = Pacer(per_host=4, max_wait=60)
    first = task("http://a/1")
    pacer.close_until(first, 30.0)
    pacer.add(first, 0.0)
    assert pacer.pop_next(29.0) is None
    assert pacer.pop_next(30.0) is first


def test_a_wait_beyond_patience_fails_the_hosts_tasks_alone() -> None:
    pacer = Pacer(per_host=4, max_wait=60)
    first, other = task("http://a/1"), task("http://b/1")
    pacer.close_until(first, 61.0)
    pacer.add(first, 0.0)
    pacer.add(other, 0.0)
    ((lost, failure),) = pacer.pop_refused()
    assert (lost, failure.reason, failure.retryable) == (first, "rate_limited", True)
    assert pacer.pop_next(0.0) is other
    assert pacer.waiting == 0


def test_a_host_that_never_answers_is_given_up() -> None:
    pacer = Pacer(per_host=4, max_wait=60)
    for number in range(20):
        pacer.add(task(f"http://a/{number}"), 0.0)
    for _ in range(10):
        tried = pacer.pop_next(0.0)
        assert tried
        pacer.finish(tried, TIMEOUT, 0.0)
    assert pacer.pop_next(0.0) is None
    failures = [failure for _, failure in pacer.pop_refused()]
    assert len(failures) == 10
    assert failures[0].reason == "timeout"
    assert "given up" in failures[0].detail
    pacer.start_run()
    pacer.add(task("http://a/again"), 0.0)
    assert pacer.pop_next(0.0)


def test_what_is_not_asked_after_all_is_no_answer() -> None:
    pacer = Pacer(per_host=1, max_wait=60)
    for number in range(11):
        pacer.add(task(f"http://a/{number}"), 0.0)
    for number in range(10):
        tried = pacer.pop_next(0.0)
        assert tried
        pacer.finish(tried, TIMEOUT, 0.0)
        if number == 8:
            put_back = pacer.pop_next(0.0)
            assert put_back
            pacer.take_back(put_back, 0.0)
            pacer.add(put_back, 0.0)
    assert pacer.pop_next(0.0) is None
    assert "given up" in next(failure.detail for _, failure in pacer.pop_refused())


def test_one_answer_restores_trust() -> None:
    pacer = Pacer(per_host=1, max_wait=60)
    for number in range(20):
        pacer.add(task(f"http://a/{number}"), 0.0)
        tried = pacer.pop_next(0.0)
        assert tried
        pacer.finish(tried, None if number == 9 else TIMEOUT, 0.0)
    assert not list(pacer.pop_refused())


def test_a_host_without_demands_is_forgotten() -> None:
    pacer = Pacer(per_host=2, max_wait=60)
    for number in range(1000):
        one = task(f"http://{number}.example/")
        pacer.add(one, 0.0)
        assert pacer.pop_next(0.0) is one
        pacer.slow_down(one, 0.0)
        pacer.finish(one, None, 0.0)
    assert pacer.host_count == 0


def test_demands_of_many_hosts_are_bounded_and_the_latest_kept() -> None:
    pacer = Pacer(per_host=2, max_wait=60, max_idle=100)
    for number in range(1000):
        one = task(f"http://{number}.example/")
        pacer.slow_down(one, 5.0)
        pacer.add(one, 0.0)
        assert pacer.pop_next(0.0) is one
        pacer.close_until(one, 9.0)
        pacer.finish(one, TIMEOUT, 0.0)
    assert pacer.host_count == 100
    known, forgotten = task("http://999.example/"), task("http://1.example/")
    pacer.add(known, 1.0)
    pacer.add(forgotten, 1.0)
    assert pacer.pop_next(1.0) is forgotten
    assert pacer.pop_next(8.9) is None
    assert pacer.pop_next(9.0) is known


def test_what_was_asked_for_holds_in_the_next_run() -> None:
    pacer = Pacer(per_host=2, max_wait=60)
    first, second = task("http://a/1"), task("http://a/2")
    pacer.add(first, 0.0)
    pacer.close_until(first, 20.0)
    assert list(pacer.drain()) == [first]
    pacer.start_run()
    pacer.add(second, 1.0)
    assert pacer.pop_next(19.0) is None
    assert pacer.pop_next(20.0) is second
