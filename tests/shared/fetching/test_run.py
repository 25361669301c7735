"""Many requests in one call: redirects, retries, deadline, memory, connections."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.fetching.addresses import AddressPolicy
from shared.fetching.client import Fetcher, FetchRequest, FetchResult

Get = Callable[..., FetchResult]
Make = Callable[..., Fetcher]


def reason(result: FetchResult) -> str | None:
    return result.error.reason if result.error else None


def test_redirects_are_followed_to_the_end(site: Any, get: Get) -> None:
    site.on("/a", status=301, Location="/b?x=1")
    site.on("/b", b"a page to drain", status=302, Location=site.url("/c c"))
    site.on("/c%20c", b"here")
    result = get(site, "/a")
    assert (result.body, result.url_final) == (b"here", site.url("/c%20c"))
    assert site.connections == 1


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("http://169.254.169.254/computeMetadata/v1/", "blocked_address"),
        ("http://127.0.0.1:{other}/", "blocked_address"),
        ("http://2130706433:{other}/", "blocked_address"),
        ("http://[::ffff:127.0.0.1]:{other}/", "blocked_address"),
        ("http://rebind.example/", "blocked_address"),
        ("http://metadata.google.internal/", "blocked_address"),
        ("http://example.com:22/", "blocked_port"),
        ("file:///etc/passwd", "unsupported_scheme"),
        ("gopher://127.0.0.1:{other}/_x", "unsupported_scheme"),
        ("http://user:secret@127.0.0.1:{same}/", "bad_url"),
        ("//127.0.0.1:{other}/", "blocked_address"),
    ],
)
def test_every_redirect_is_checked_like_a_first_address(
    location: str, expected: str, serve: Callable[[], Any], get: Get
) -> None:
    site, other = serve(), serve()
    where = location.format(other=other.server_port, same=site.server_port)
    site.on("/", status=302, Location=where)
    result = get(site, "/", resolve=["rebind.example:80:127.0.0.1"])
    assert reason(result) == expected
    assert other.connections == 0
    assert sum(site.hits.values()) == 1


def test_redirects_in_a_circle_end(site: Any, get: Get) -> None:
    site.on("/a", status=302, Location="/b")
    site.on("/b", status=302, Location="/a")
    assert reason(get(site, "/a", max_redirects=4)) == "too_many_redirects"
    assert sum(site.hits.values()) == 5


def test_a_redirect_without_address_is_a_status(site: Any, get: Get) -> None:
    site.on("/", status=302)
    assert reason(get(site, "/")) == "http_302"


def test_credentials_stay_with_the_first_origin(serve: Callable[[], Any], fetcher: Make) -> None:
    site, other = serve(), serve()
    site.on("/", status=302, Location="/again")
    site.on("/again", status=302, Location=other.url())
    other.on("/", b"x")
    request = FetchRequest(site.url(), headers={"Authorization": "Bearer secret", "X-Trace": "1"})
    (result,) = fetcher(site, other).fetch_all([request], respect_robots=False, rights="ignore")
    assert result.body == b"x"
    assert [headers.get("Authorization") for headers in site.seen] == ["Bearer secret"] * 2
    assert "Authorization" not in other.seen[0]
    assert other.seen[0]["X-Trace"] == "1"


def fail_first(site: Any, path: str, times: int, status: int, **headers: str) -> None:
    attempts = itertools.count()

    def answer(handler: Any) -> None:
        if next(attempts) < times:
            handler.reply(b"busy", status, **headers)
        else:
            handler.reply(b"fine")

    site.routes[path] = answer


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int, site: Any, get: Get) -> None:
    fail_first(site, "/", 2, status)
    result = get(site, "/")
    assert (result.body, result.attempts) == (b"fine", 3)


def test_what_does_not_pass_ends_after_the_retries(site: Any, get: Get) -> None:
    fail_first(site, "/", 9, 503)
    result = get(site, "/", retries=2)
    assert (reason(result), result.attempts, sum(site.hits.values())) == ("http_503", 3, 3)


def test_final_failures_are_asked_once(site: Any, get: Get) -> None:
    assert get(site, "/missing").attempts == 1
    assert site.hits["/missing"] == 1


def test_retry_after_is_waited_for(site: Any, get: Get) -> None:
    fail_first(site, "/", 1, 429, Retry_After="1")
    assert get(site, "/").body == b"fine"
    assert site.times[1] - site.times[0] >= 0.95


def test_a_long_retry_after_closes_the_host(site: Any, fetcher: Make) -> None:
    site.fallback = lambda handler: handler.reply(b"busy", 429, Retry_After="3600")
    requests = [FetchRequest(site.url(f"/{number}")) for number in range(20)]
    results = list(
        fetcher(site, per_host=1).fetch_all(requests, respect_robots=False, rights="ignore")
    )
    assert {reason(result) for result in results} == {"rate_limited"}
    assert all(result.error.retryable for result in results if result.error)
    assert sum(site.hits.values()) == 1
    assert len(results) == 20


def test_every_request_is_answered_once_with_its_tag(site: Any, fetcher: Make) -> None:
    for number in range(0, 300, 2):
        site.on(f"/{number}", b"%d" % number)
    requests = [FetchRequest(site.url(f"/{number}"), tag=number) for number in range(300)]
    requests += [FetchRequest("nonsense", tag=number) for number in range(300, 310)]
    seen = {}
    for result in fetcher(site).fetch_all(iter(requests), respect_robots=False, rights="ignore"):
        assert result.request.tag not in seen
        seen[result.request.tag] = result.body or reason(result)
    for number in range(300):
        assert seen[number] == (b"%d" % number if number % 2 == 0 else "http_404")
    assert [seen[number] for number in range(300, 310)] == ["bad_url"] * 10


def test_connections_are_kept_and_few(site: Any, fetcher: Make) -> None:
    site.fallback = lambda handler: handler.reply(b"x" * 5000)
    client = fetcher(site, per_host=4)
    for _ in range(2):
        requests = [FetchRequest(site.url(f"/{number}")) for number in range(100)]
        assert (
            sum(
                f.error is None
                for f in client.fetch_all(requests, respect_robots=False, rights="ignore")
            )
            == 100
        )
    assert sum(site.hits.values()) == 200
    assert site.connections <= 4


def test_the_deadline_returns_everything_that_is_left(site: Any, fetcher: Make) -> None:
    site.on("/fast", b"x")
    site.routes["/slow"] = lambda handler: site.released.wait(60)
    requests = [FetchRequest(site.url("/fast"))] + [
        FetchRequest(site.url("/slow")) for _ in range(5000)
    ]
    started = time.monotonic()
    results = list(
        fetcher(site).fetch_all(
            requests, respect_robots=False, rights="ignore", deadline=time.monotonic() + 2
        )
    )
    assert time.monotonic() - started < 20
    assert len(results) == 5001
    assert [f.request.url for f in results if f.error is None] == [site.url("/fast")]
    late = [f.error for f in results if f.error]
    assert {(error.reason, error.retryable) for error in late} == {("deadline", True)}
    assert "time was up" in late[0].detail


def test_the_fetcher_works_on_after_a_deadline(site: Any, fetcher: Make) -> None:
    site.routes["/slow"] = lambda handler: site.released.wait(20)
    site.on("/fast", b"x")
    client = fetcher(site, concurrency=2, per_host=2)
    slow = [FetchRequest(site.url("/slow"))] * 10
    assert len(list(client.fetch_all(slow, deadline=time.monotonic() + 0.2))) == 10
    (result,) = client.fetch_all([FetchRequest(site.url("/fast"))])
    assert result.body == b"x"


def test_an_abandoned_call_leaves_the_fetcher_usable(site: Any, fetcher: Make) -> None:
    site.fallback = lambda handler: handler.reply(b"x" * 50_000)
    client = fetcher(site, concurrency=4)
    results = client.fetch_all([FetchRequest(site.url(f"/{n}")) for n in range(50)])
    next(results)
    with pytest.raises(RuntimeError, match="one fetch_all"):
        next(client.fetch_all([]))
    results.close()  # type: ignore[attr-defined]
    assert len(list(client.fetch_all([FetchRequest(site.url("/again"))]))) == 1


def test_closing_ends_an_unfinished_call(site: Any, fetcher: Make) -> None:
    site.routes["/slow"] = lambda handler: site.released.wait(20)
    site.on("/fast", b"x")
    client = fetcher(site)
    requests = [FetchRequest(site.url("/slow"))] * 5 + [FetchRequest(site.url("/fast"))]
    results = client.fetch_all(requests, respect_robots=False, rights="ignore")
    assert next(results).body == b"x"
    client.close()
    results.close()  # type: ignore[attr-defined]


def test_ticks_come_while_the_network_is_waited_for(site: Any, fetcher: Make) -> None:
    site.routes["/"] = lambda handler: site.released.wait(20) and handler.reply(b"x")
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(time.monotonic())
        if len(ticks) == 4:
            site.released.set()

    (result,) = fetcher(site).fetch_all(
        [FetchRequest(site.url())], tick, respect_robots=False, rights="ignore"
    )
    assert result.body == b"x"
    assert len(ticks) >= 4


def test_the_consumers_time_ages_no_transfer(site: Any, fetcher: Make) -> None:
    size = 24_000_000  # more than the kernel takes in while nobody reads
    site.on("/first", b"x")
    site.routes["/second"] = lambda handler: handler.reply(b"y" * size, after=0.1)
    requests = [FetchRequest(site.url("/first")), FetchRequest(site.url("/second"))]
    client = fetcher(site, total_timeout=1.5, retries=0, max_bytes=size)
    sizes = []
    for result in client.fetch_all(requests, respect_robots=False, rights="ignore"):
        sizes.append(len(result.body or b""))
        time.sleep(1.7)
    assert sizes == [1, size]


def test_bodies_in_memory_are_bounded_and_all_arrive(site: Any, fetcher: Make) -> None:
    """All transfers start small and grow together, so only pausing keeps them in bounds."""
    size, limit, count = 4_000_000, 1_000_000, 12
    started = threading.Barrier(count, timeout=30)

    def grow(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(size))
        handler.end_headers()
        handler.wfile.write(b"x")
        started.wait()
        handler.wfile.write(b"x" * (size - 1))

    site.fallback = grow
    client = fetcher(site, per_host=count, concurrency=count, max_buffered=limit, max_bytes=size)
    requests = [FetchRequest(site.url(f"/{number}")) for number in range(count)]
    bodies = [
        len(f.body or b"")
        for f in client.fetch_all(requests, respect_robots=False, rights="ignore")
    ]
    assert bodies == [size] * count
    assert limit < client.budget.peak <= limit + size + 131_072
    assert client.budget.used == 0


def test_an_oversized_body_ends_also_after_a_pause(site: Any, fetcher: Make) -> None:
    def endless(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        while not site.released.is_set():
            handler.wfile.write(b"x" * 65536)

    site.fallback = endless
    client = fetcher(site, per_host=8, concurrency=8, max_buffered=100_000, max_bytes=500_000)
    requests = [FetchRequest(site.url(f"/{n}")) for n in range(8)]
    results = list(client.fetch_all(requests, respect_robots=False, rights="ignore"))
    assert [reason(result) for result in results] == ["too_large"] * 8
    assert client.budget.used == 0


def test_requests_are_read_as_they_are_needed(site: Any, fetcher: Make) -> None:
    site.fallback = lambda handler: handler.reply(b"x")
    read = 0

    def endless() -> Iterator[FetchRequest]:
        nonlocal read
        while True:
            read += 1
            yield FetchRequest(site.url("/x"))

    results = fetcher(site).fetch_all(endless(), respect_robots=False, rights="ignore")
    for _ in range(10):
        next(results)
    assert read < 5000


def test_a_policy_without_allowances_reaches_no_local_site(site: Any, fetcher: Make) -> None:
    (result,) = fetcher(policy=AddressPolicy()).fetch_all([FetchRequest(site.url())])
    assert reason(result) == "blocked_address"
    assert site.connections == 0
