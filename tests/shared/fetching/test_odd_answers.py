"""Answers as the web has them: what browsers read is read, and nothing goes on without end."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pycurl
import pytest

from shared.fetching.addresses import AddressPolicy
from shared.fetching.answer import BodyBudget
from shared.fetching.client import Fetcher, FetchRequest, FetchResult
from shared.fetching.exchange import FetchTask
from shared.fetching.loop import CurlLoop, TransferEnd
from shared.fetching.transfer import Transfer, TransferLimits
from shared.fetching.urls import parse_target

Get = Callable[..., FetchResult]
Make = Callable[..., Fetcher]
OK = b"HTTP/1.1 200 OK\r\n"


def reason(result: FetchResult) -> str | None:
    return result.error.reason if result.error else None


@pytest.mark.parametrize(
    "label", ["aws-chunked", "UTF-8", "binary", "image/jpeg", "none", "utf-8,gzip"]
)
@pytest.mark.parametrize("kind", ["image", "page"])
def test_an_unknown_content_encoding_is_passed_over(
    label: str, kind: str, site: Any, get: Get
) -> None:
    site.on("/", b"as it is", Content_Encoding=label)
    assert get(site, "/", kind=kind).body == b"as it is"
    assert sum(site.hits.values()) == 1


def test_brotli_that_nobody_asked_for_is_undone(site: Any, get: Get) -> None:
    site.on("/", b"\x0b\x02\x80hello\x03", Content_Encoding="br")
    result = get(site, "/")
    assert (result.body, result.attempts) == (b"hello", 1)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nno colon here\r\nX-Last: y\r\n",
        b"no colon here\r\nContent-Length: 4\r\nX-Last: y\r\n",
        b" folded at once\r\nContent-Length: 4\r\nX-Last: y\r\n",
        b" \t\r\nContent-Length: 4\r\nX-Last: y\r\n",
        b"HTTP/1.1 200 OK\r\nX-Last: y\r\n",
        b"Content-Length: four\r\nX-Last: y\r\n",
        b"Content-Length: \r\nX-Last: y\r\n",
        b"Content-Length: -1\r\nX-Last: y\r\n",
        b"Content-Length: 4.0\r\nX-Last: y\r\n",
        b"Transfer-Encoding: binary\r\nContent-Length: 4\r\nX-Last: y\r\n",
        b"X-First: a\0b\r\nX-Last: y\r\n",
        b"X-First: a\rb\r\nX-Last: y\r\n",
        b"Http/2: x\r\nX-Last: y\r\n",
        b"X-Last: first\r\n",
        b"Content-Length: 4\r\nContent-Length: 4\r\nX-LAST:y\r\n",
        b"Transfer-Encoding: chunked\r\nno colon\r\nX-Last : y\r\n",
    ],
)
def test_odd_header_lines_are_passed_over(head: bytes, site: Any, get: Get) -> None:
    body = b"2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n" if b"chunked" in head else b"body"
    site.on_raw("/", OK + head + b"\r\n" + body)
    result = get(site, "/")
    assert (result.body, result.status, result.error) == (b"body", 200, None)
    assert result.headers["x-last"] in ("y", "first")
    assert result.attempts == 1


@pytest.mark.parametrize(
    "line",
    [
        b"HTTP/1.1 200",
        b"http/1.1 200 ok",
        b"HTTP/1.2 200 OK",
        b"HTTP 200 OK",
        b"\r\nHTTP/1.1 200 OK",
    ],
)
def test_odd_status_lines_are_read(line: bytes, site: Any, get: Get) -> None:
    site.on_raw("/", line + b"\r\nContent-Length: 4\r\n\r\nbody")
    assert get(site, "/").body == b"body"


def test_two_lengths_that_differ_are_refused(site: Any, get: Get) -> None:
    site.on_raw("/", OK + b"Content-Length: 4\r\nContent-Length: 2\r\n\r\nbody")
    assert reason(get(site, "/", retries=0)) == "bad_response"


def test_a_site_of_odd_headers_is_asked_once_for_each_more(site: Any, fetcher: Make) -> None:
    for number in range(10):
        site.on_raw(f"/{number}", OK + b"odd\r\n\r\nbody %d" % number)
    requests = [FetchRequest(site.url(f"/{number}"), tag=number) for number in range(10)]
    results = fetcher(site, concurrency=1).fetch_all(
        requests, respect_robots=False, rights="ignore"
    )
    assert all(result.body == b"body %d" % result.request.tag for result in results)
    assert sum(site.hits.values()) == 11


def test_odd_headers_still_say_what_they_say(site: Any, fetcher: Make) -> None:
    site.on_raw("/noai", OK + b"odd\r\nX-Robots-Tag: noai\r\n\r\nbody")
    site.on_raw("/gone", b"HTTP/1.1 410 Gone\r\nodd\r\n\r\nbody")
    site.on_raw("/moved", b"HTTP/1.1 302 Found\r\nodd\r\nLocation: /there\r\n\r\n")
    site.on_raw("/short", OK + b"odd\r\nContent-Length: 9\r\n\r\nbody")
    site.on_raw("/large", OK + b"odd\r\nContent-Length: 9999999999\r\n\r\nbody")
    site.on_raw("/zip", OK + b"odd\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"body"))
    site.on_raw("/empty", OK + b"odd\r\n\r\n")
    site.on("/there", b"body")
    paths = ["/noai", "/gone", "/moved", "/short", "/large", "/zip", "/empty"]
    requests = [FetchRequest(site.url(path), tag=path) for path in paths]
    results = fetcher(site, retries=0).fetch_all(requests)
    outcomes = {result.request.tag: reason(result) or result.body for result in results}
    assert outcomes == {
        "/noai": "opted_out",
        "/gone": "http_410",
        "/moved": b"body",
        "/short": "connection_reset",
        "/large": "too_large",
        "/zip": b"body",
        "/empty": "empty",
    }


def test_the_request_is_the_same_however_it_is_put(site: Any, fetcher: Make) -> None:
    site.on_raw("/caf%E9", OK + b"odd\r\n\r\nbody")
    request = FetchRequest(site.url("/caf%E9"), headers={"X-Trace": "1"}, kind="page")
    (result,) = fetcher(site).fetch_all([request], respect_robots=False, rights="ignore")
    assert result.body == b"body"
    first, second = site.seen
    assert second.pop("Connection") == "close"
    assert first == second


@pytest.mark.parametrize("odd", [b"", b"odd\r\n"])
def test_a_body_that_ends_with_its_tls_connection(
    odd: bytes, site: Any, secure: Path, get: Get
) -> None:
    """Servers hang up without the closing alert of TLS, which browsers do not miss."""
    site.on_raw("/", OK + odd + b"\r\n" + b"x" * 500_000)
    site.on_raw("/short", OK + odd + b"Content-Length: 9\r\n\r\nbody")
    url = f"https://127.0.0.1:{site.server_port}/"
    assert get(site, url, ca_file=str(secure)).body == b"x" * 500_000
    assert reason(get(site, f"{url}short", ca_file=str(secure), retries=0)) == "connection_reset"


def test_odd_headers_behind_tls(site: Any, secure: Path, get: Get) -> None:
    site.on_raw("/", OK + b"odd\r\n\r\n" + b"x" * 500_000)
    url = f"https://127.0.0.1:{site.server_port}/"
    assert get(site, url, ca_file=str(secure)).body == b"x" * 500_000
    assert reason(get(site, url)) == "tls_error"


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "10.1.2.3"])
def test_a_raw_connection_is_guarded_like_every_other(address: str, site: Any) -> None:
    url = f"http://rebind.example:{site.server_port}/"
    policy = AddressPolicy(ports=frozenset({site.server_port}))
    limits = TransferLimits(10_000, 5, 5, 1, 5)
    resolve = [f"rebind.example:{site.server_port}:{address}"]
    transfer = Transfer(policy, limits, BodyBudget(10_000), "Pixmill/test", "", resolve)
    task = FetchTask(FetchRequest(url), url, parse_target(url), 0.0, mode="raw")
    loop = CurlLoop(4)
    transfer.set_up(task, 0.0, rights="ignore")
    transfer.start(loop)
    ended: list[TransferEnd] = []
    while not ended:
        ended = loop.wait(1)
    failure = transfer.explain_end(ended[0].code, ended[0].message)
    assert failure
    assert (failure.reason, ended[0].code) == ("blocked_address", pycurl.E_COULDNT_CONNECT)
    assert site.connections == 0
    loop.stop(transfer.curl)
    transfer.curl.close()
    loop.close()


def test_raw_bodies_in_memory_are_bounded_and_all_arrive(site: Any, fetcher: Make) -> None:
    size, limit, count = 3_000_000, 500_000, 8
    started = threading.Barrier(count, timeout=30)

    def grow(handler: Any) -> None:
        handler.wfile.write(OK + b"odd\r\n\r\nx")
        handler.close_connection = True
        if handler.headers["Connection"] == "close":  # asked in the way that reads odd headers
            started.wait()
            handler.wfile.write(b"x" * (size - 1))

    site.fallback = grow
    client = fetcher(site, per_host=count, concurrency=count, max_buffered=limit, max_bytes=size)
    requests = [FetchRequest(site.url(f"/{number}")) for number in range(count)]
    results = client.fetch_all(requests, respect_robots=False, rights="ignore")
    assert [len(result.body or b"") for result in results] == [size] * count
    assert limit < client.budget.peak <= limit + size + 131_072
    assert client.budget.used == 0


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (b"/caf\xe9.jpg", "/caf%E9.jpg"),
        (b"/sj\x8d\xc2.jpg", "/sj%8D%C2.jpg"),
        (b"/caf\xc3\xa9.jpg", "/caf%C3%A9.jpg"),
        (b"caf%c3%a9.jpg", "/caf%c3%a9.jpg"),
        (b"there#caf\xe9", "/there"),
        (b"/there?\xe9", "/there?%E9"),
        (b"/there\r\nLocation: /elsewhere", "/there"),
        (b"\r\nLocation: /there", "/there"),
        (b"/the\r\n re", "/the%20re"),
    ],
)
def test_locations_are_asked_as_their_bytes(
    location: bytes, path: str, site: Any, get: Get
) -> None:
    site.on_raw("/", b"HTTP/1.1 302 Found\r\nLOCATION: " + location + b"\r\n\r\n")
    site.fallback = lambda handler: handler.reply(b"body")
    assert get(site, "/").body == b"body"
    assert set(site.hits) == {"/", path}


@pytest.mark.parametrize("odd", [b"", b"odd\r\n"])
@pytest.mark.parametrize(
    "path", ["/caf%c3%A9%7e.jpg?x=%c3&y=%7E", "/a%2e%2e/%2f//b", "/a[b]|;c*'()?", "/%", "//?d^{}"]
)
def test_addresses_are_asked_in_their_own_spelling(
    path: str, odd: bytes, site: Any, get: Get
) -> None:
    asked = set()

    def answer(handler: Any) -> None:
        asked.add(handler.requestline)
        handler.wfile.write(OK + odd + b"\r\nbody")
        handler.close_connection = True

    site.fallback = answer
    assert get(site, path).body == b"body"
    assert asked == {f"GET {path} HTTP/1.1"}


def test_an_empty_location_leads_nowhere(site: Any, get: Get) -> None:
    site.on("/", status=302, Location="")
    assert reason(get(site, "/")) == "http_302"
    assert sum(site.hits.values()) == 1


@pytest.mark.parametrize("body", [b"You are being redirected.", b""])
def test_a_refresh_is_left_to_who_reads_the_page(body: bytes, site: Any, get: Get) -> None:
    site.on("/", body, Refresh="0; url=/there")
    result = get(site, "/", kind="page")
    assert (result.body or b"", result.headers["refresh"]) == (body, "0; url=/there")
    assert site.hits["/there"] == 0


@pytest.mark.parametrize("odd", [b"", b"odd\r\n"])
def test_headers_that_drip_end_with_the_time_limit(odd: bytes, site: Any, get: Get) -> None:
    def drip(handler: Any) -> None:
        handler.wfile.write(OK + odd)
        while not site.released.wait(0.02):
            handler.wfile.write(b"X: y\r\n")

    site.routes["/"] = drip
    result = get(site, "/", total_timeout=0.4, retries=0)
    assert reason(result) == "timeout"
    assert result.elapsed < 20


@pytest.mark.parametrize(
    "piece", [b"X: y\r\n" * 100, b"X" * 1000, b"\r\nHTTP/1.1 100 Continue\r\n", b"odd\r\n" * 100]
)
def test_headers_without_end_are_cut_off(piece: bytes, site: Any, get: Get) -> None:
    def pour(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n" if b"100" in piece else OK)
        while not site.released.is_set():
            handler.wfile.write(piece)

    site.routes["/"] = pour
    started = time.process_time()
    result = get(site, "/", total_timeout=20, retries=0)
    assert reason(result) in ("bad_response", "connection_reset")
    assert time.process_time() - started < 5


def test_a_body_of_tiny_chunks_takes_no_more_memory_than_its_bytes(site: Any, get: Get) -> None:
    count = 200_000
    chunks = b"2\r\nab\r\n" * count + b"0\r\n\r\n"
    site.on_raw("/", OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert get(site, "/", max_bytes=2 * count).body == b"ab" * count


def test_compressed_nothing_without_end_is_cut_off(site: Any, get: Get) -> None:
    def pour(handler: Any) -> None:
        handler.wfile.write(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10])
        while not site.released.is_set():
            handler.wfile.write(b"\0\0\0\xff\xff" * 10_000)  # stored blocks of no bytes

    site.routes["/"] = pour
    assert reason(get(site, "/", max_bytes=100_000, total_timeout=20)) == "too_large"
