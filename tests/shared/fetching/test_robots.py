"""Sites say what may be fetched, and are heeded."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from shared.fetching.client import Fetcher, FetchRequest, FetchResult
from shared.fetching.exchange import Failure
from shared.fetching.robots import RobotsCache

Make = Callable[..., Fetcher]


def answer(body: bytes | None, error: Failure | None = None) -> FetchResult:
    request = FetchRequest("http://a.example/robots.txt", kind="robots")
    return FetchResult(request, request.url, 200, {}, body, error, 0.1, 1)


def status(code: int) -> Failure:
    return Failure(f"http_{code}", "", code)


def test_robots_is_asked_once_and_first(site: Any, fetcher: Make) -> None:
    site.on("/robots.txt", b"User-agent: *\nDisallow: /private\n")
    site.fallback = lambda handler: handler.reply(b"x")
    paths = [f"/{folder}/{n}" for folder in ("public", "private") for n in range(10)]
    client = fetcher(site)
    for _ in range(2):
        results = list(client.fetch_all(FetchRequest(site.url(path)) for path in paths))
        for result in results:
            refused = "/private/" in result.request.url
            assert (result.error.reason if result.error else None) == (
                "robots" if refused else None
            )
        assert len(results) == 20
    assert next(iter(site.hits)) == "/robots.txt"
    assert site.hits["/robots.txt"] == 1
    assert not [path for path in site.hits if "/private/" in path]
    assert client.robots.allows(site.url("/public/x"))
    assert not client.robots.allows(site.url("/private/x"))


def test_robots_can_be_left_out(site: Any, fetcher: Make) -> None:
    site.on("/robots.txt", b"User-agent: *\nDisallow: /\n")
    site.on("/x", b"x")
    (result,) = fetcher(site).fetch_all(
        [FetchRequest(site.url("/x"))], respect_robots=False, rights="ignore"
    )
    assert result.body == b"x"
    assert site.hits["/robots.txt"] == 0


def test_a_redirect_target_is_asked_as_well(serve: Callable[[], Any], fetcher: Make) -> None:
    site, other = serve(), serve()
    site.on("/", status=302, Location=other.url("/x"))
    other.on("/robots.txt", b"User-agent: pixmill\nDisallow: /\n")
    other.on("/x", b"x")
    (result,) = fetcher(site, other).fetch_all([FetchRequest(site.url())])
    assert result.error
    assert result.error.reason == "robots"
    assert other.hits["/x"] == 0


def test_crawl_delay_spaces_requests_out(site: Any, fetcher: Make) -> None:
    site.on("/robots.txt", b"User-agent: *\nCrawl-delay: 0.2\n")
    site.fallback = lambda handler: handler.reply(b"x")
    results = list(fetcher(site).fetch_all(FetchRequest(site.url(f"/{n}")) for n in range(4)))
    assert [result.body for result in results] == [b"x"] * 4
    gaps = [later - earlier for earlier, later in zip(site.times[1:], site.times[2:], strict=False)]
    assert len(gaps) == 3
    assert min(gaps) >= 0.15


def test_a_broken_site_forbids_for_now(site: Any, fetcher: Make) -> None:
    site.on("/robots.txt", b"oops", 500)
    site.on("/x", b"x")
    (result,) = fetcher(site, retries=0).fetch_all([FetchRequest(site.url("/x"))])
    assert result.error
    assert (result.error.reason, result.error.retryable) == ("robots", True)
    assert site.hits["/x"] == 0


def test_an_unreachable_site_is_named_as_what_it_is(site: Any, fetcher: Make) -> None:
    site.server_close()
    results = list(fetcher(site).fetch_all(FetchRequest(site.url(f"/{n}")) for n in range(5)))
    assert [f.error.reason for f in results if f.error] == ["connect_error"] * 5


def test_a_robots_file_behind_a_guarded_address_is_not_read(
    serve: Callable[[], Any], fetcher: Make
) -> None:
    site, inside = serve(), serve()
    site.on("/robots.txt", status=302, Location=inside.url("/robots.txt"))
    site.on("/x", b"x")
    (result,) = fetcher(site).fetch_all([FetchRequest(site.url("/x"))])
    assert result.error
    assert result.error.reason == "blocked_address"
    assert inside.connections == 0


def test_the_first_half_megabyte_counts(site: Any, fetcher: Make) -> None:
    rules = b"User-agent: *\nDisallow: /early\n" + b"#" * 600_000 + b"\nDisallow: /late\n"
    site.on("/robots.txt", rules)
    site.fallback = lambda handler: handler.reply(b"x")
    client = fetcher(site)
    results = client.fetch_all([FetchRequest(site.url("/early")), FetchRequest(site.url("/late"))])
    outcome = {f.request.url: f.error.reason if f.error else None for f in results}
    assert outcome == {site.url("/early"): "robots", site.url("/late"): None}
    assert client.budget.used == 0


def test_rules_for_pixmill_come_before_those_for_all() -> None:
    robots = RobotsCache()
    robots.learn(
        answer(
            b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n\n"
            b"User-agent: Pixmill\nDisallow: /a\nAllow: /a/b\nCrawl-delay: 2\n"
        )
    )
    assert robots.allows("http://a.example/")
    assert not robots.allows("http://A.example:80/a/x")
    assert robots.allows("http://a.example/a/b/c")
    assert robots.get_crawl_delay("http://a.example/") == 2.0


@pytest.mark.parametrize(
    ("error", "allowed"),
    [
        *((status(code), True) for code in (400, 401, 403, 404, 410, 302)),
        *((status(code), False) for code in (500, 503)),
        (Failure("rate_limited", "", 429), False),
        (Failure("empty", "", 200), True),
        (Failure("timeout", ""), False),
        (Failure("dns_error", ""), False),
    ],
)
def test_missing_allows_and_broken_forbids(error: Failure, allowed: bool) -> None:
    robots = RobotsCache()
    robots.learn(answer(None, error))
    assert robots.allows("http://a.example/x") is allowed


def test_garbage_allows_everything() -> None:
    robots = RobotsCache()
    robots.learn(answer(bytes(range(256)) * 10 + b"<html>Disallow: maybe</html>"))
    assert robots.allows("http://a.example/x")
    assert robots.get_crawl_delay("http://a.example/") == 0.0


def test_an_origin_is_scheme_host_and_port() -> None:
    robots = RobotsCache()
    robots.learn(answer(b"User-agent: *\nDisallow:\n"))
    assert robots.find_missing("http://a.example/x") is None
    assert find_missing(robots, "https://a.example/x") == "https://a.example/robots.txt"
    assert find_missing(robots, "http://a.example:8080/x") == "http://a.example:8080/robots.txt"
    with pytest.raises(LookupError):
        robots.allows("https://a.example/x")


def find_missing(robots: RobotsCache, url: str) -> str | None:
    request = robots.find_missing(url)
    return request.url if request else None


def learn(robots: RobotsCache, host: str, rules: int = 0) -> None:
    body = b"User-agent: *\n" + b"".join(b"Disallow: /%d\n" % n for n in range(rules))
    request = FetchRequest(f"http://{host}/robots.txt", kind="robots")
    robots.learn(FetchResult(request, request.url, 200, {}, body, None, 0.1, 1))


def test_what_was_learned_is_trusted_for_a_day() -> None:
    now = 0.0
    robots = RobotsCache(clock=lambda: now)
    learn(robots, "a.example")
    now = 86_399.0
    assert robots.find_missing("http://a.example/x") is None
    now = 86_401.0
    assert find_missing(robots, "http://a.example/x") == "http://a.example/robots.txt"


def test_memory_is_bounded_over_many_sites() -> None:
    robots = RobotsCache(max_rules=1000)
    learn(robots, "first.example")
    for number in range(200):
        learn(robots, f"{number}.example", rules=40)
        assert robots.allows("http://first.example/x")  # what is in use stays
    known = [n for n in range(200) if not robots.find_missing(f"http://{n}.example/")]
    assert 10 < len(known) < 20
    assert known == list(range(200 - len(known), 200))
    learn(robots, "large.example", rules=5000)
    assert not robots.allows("http://large.example/1")


def test_a_robots_file_is_followed_over_five_redirects(serve: Any, fetcher: Make) -> None:
    site, other = serve(), serve()
    for number in range(4):
        site.on(f"/{number}", status=301, Location=f"/{number + 1}")
    site.on("/robots.txt", status=301, Location="/0")
    site.on("/4", status=301, Location=other.url("/robots.txt"))
    other.on("/robots.txt", b"User-agent: *\nDisallow: /private")
    site.fallback = lambda handler: handler.reply(b"x")
    client = fetcher(site, other, max_redirects=6)
    results = client.fetch_all(FetchRequest(site.url(path)) for path in ("/private", "/public"))
    outcome = {
        result.request.url: result.error.reason if result.error else "" for result in results
    }
    assert outcome == {site.url("/private"): "robots", site.url("/public"): ""}


def test_a_robots_file_that_leads_in_a_circle_is_none(site: Any, fetcher: Make) -> None:
    site.on("/robots.txt", status=302, Location="/robots.txt")
    site.on("/x", b"x")
    (result,) = fetcher(site).fetch_all([FetchRequest(site.url("/x"))])
    assert result.body == b"x"
    assert site.hits["/robots.txt"] == 6


def test_a_robots_file_with_odd_headers_holds(site: Any, fetcher: Make) -> None:
    site.on_raw(
        "/robots.txt", b"HTTP/1.1 200 OK\r\nodd\r\n\r\nUser-agent: Pixmill Bot\rDisallow: /private"
    )
    site.fallback = lambda handler: handler.reply(b"x")
    client = fetcher(site)
    results = client.fetch_all(FetchRequest(site.url(path)) for path in ("/private", "/public"))
    outcome = {
        result.request.url: result.error.reason if result.error else "" for result in results
    }
    assert outcome == {site.url("/private"): "robots", site.url("/public"): ""}


def test_a_large_robots_file_costs_many_addresses_little(site: Any, fetcher: Make) -> None:
    rules = b"".join(b"Disallow: /*a*b%d$\n" % number for number in range(25_000))
    site.on("/robots.txt", b"User-agent: *\n" + rules)
    site.fallback = lambda handler: handler.reply(b"x")
    client = fetcher(site)
    list(client.fetch_all([FetchRequest(site.url("/first"))]))
    started = time.process_time()
    requests = [
        FetchRequest(site.url(f"/{number}.jpg?a={word}{number}"))
        for number in range(150)
        for word in "bc"
    ]
    refused = [result for result in client.fetch_all(requests) if result.error]
    assert {result.error.reason for result in refused if result.error} == {"robots"}
    assert len(refused) == 150
    assert time.process_time() - started < 3  # which trying every rule takes for 70 of them
