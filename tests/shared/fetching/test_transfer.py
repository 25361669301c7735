"""One exchange: where it may connect, how much and how long it may take, what comes back."""

from __future__ import annotations

import gzip
import os
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.fetching.addresses import AddressPolicy
from shared.fetching.client import Fetcher, FetchRequest, FetchResult
from shared.rights.signals import RightsPolicy
from tests.special_addresses import REFUSED

Get = Callable[..., FetchResult]


def reason(result: FetchResult) -> str | None:
    assert (result.body is None) == (result.error is not None)
    return result.error.reason if result.error else None


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A listening socket that accepts nothing; what reaches it stays to be counted."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        yield server


def is_untouched(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except TimeoutError:
        return True
    return False


def test_an_answer_comes_back_whole(site: Any, get: Get) -> None:
    site.on("/cat.jpg", b"x" * 200_000, Content_Type="image/jpeg")
    result = get(site, "/cat.jpg")
    assert (result.body, result.status, result.error) == (b"x" * 200_000, 200, None)
    assert result.headers["content-type"] == "image/jpeg"
    assert (result.url_final, result.attempts) == (site.url("/cat.jpg"), 1)
    (headers,) = site.seen
    assert headers["User-Agent"] == "Pixmill/test"
    assert headers["Accept-Encoding"] == "identity"
    assert "Cookie" not in headers


ODD = [
    "127.0.0.1",
    "0177.0.0.1",
    "2130706433",
    "127.1",
    "0x7f.1",
    "0x7f000001",
    "127.0.0.2",
    "0.0.0.0",
    "0",
    *("017700000001", "0x7f.0.0x0.1", "127.0.1", "127.0.0.1.", "0000177.0.0.1"),
    *(
        "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
        "127\u30020\u30020\u30021",
        "\u2460\u2461\u2466.0.0.1",
    ),
    *("[0:0:0:0:0:ffff:7f00:1]", "[::FFFF:127.0.0.1]", "[0::1]", "[2001:4860::5efe:7f00:1]"),
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b::7f00:1]",
    "[2002:a9fe:a9fe::]",
    "[2002:7f00:1::]",
    "[fd20:ce::254]",
    "[fe80::1]",
    "169.254.169.254",
    "10.0.0.1",
    "100.64.0.1",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "metadata",
    "metadata.google.internal",
    "printer.local",
]


@pytest.mark.parametrize("host", ODD)
def test_nothing_inside_is_reached_however_it_is_spelt(
    host: str, listener: socket.socket, fetcher: Callable[..., Fetcher]
) -> None:
    port = listener.getsockname()[1]
    client = fetcher(policy=AddressPolicy(ports=frozenset({port})))
    (result,) = client.fetch_all([FetchRequest(f"http://{host}:{port}/")])
    assert reason(result) == "blocked_address"
    assert is_untouched(listener)


def test_no_special_purpose_address_is_connected_to(fetcher: Callable[..., Fetcher]) -> None:
    """Names lead to them, so that only the check of the socket stands between."""
    ips = [ip for ip in REFUSED if "%" not in ip]
    client = fetcher(resolve=[f"name{number}.example:80:{ip}" for number, ip in enumerate(ips)])
    requests = [FetchRequest(f"http://name{number}.example/") for number in range(len(ips))]
    results = {result.request.url: result for result in client.fetch_all(requests)}
    assert len(ips) > 100
    for request, ip in zip(requests, ips, strict=True):
        assert reason(results[request.url]) == "blocked_address", ip


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0", "10.1.2.3"])
def test_a_name_that_leads_inside_is_refused_at_connect_time(
    address: str, listener: socket.socket, fetcher: Callable[..., Fetcher]
) -> None:
    port = listener.getsockname()[1]
    client = fetcher(
        policy=AddressPolicy(ports=frozenset({port})),
        resolve=[f"rebind.example:{port}:{address}"],
    )
    (result,) = client.fetch_all([FetchRequest(f"http://rebind.example:{port}/")])
    assert reason(result) == "blocked_address"
    assert is_untouched(listener)


def test_the_socket_is_refused_even_when_the_name_check_is_passed(
    listener: socket.socket, fetcher: Callable[..., Fetcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AddressPolicy, "check_host", lambda *_: None)
    port = listener.getsockname()[1]
    client = fetcher(policy=AddressPolicy(ports=frozenset({port})))
    urls = [f"http://{host}:{port}/" for host in ("127.0.0.1", "localhost", "[::1]", "0x7f.1")]
    for result in client.fetch_all(map(FetchRequest, urls), respect_robots=False, rights="ignore"):
        assert reason(result) == "blocked_address"
    assert is_untouched(listener)


def test_an_open_loopback_pair_does_not_serve_a_foreign_name(
    site: Any, fetcher: Callable[..., Fetcher]
) -> None:
    port = site.server_port
    client = fetcher(
        policy=AddressPolicy(frozenset({("127.0.0.1", port)}), frozenset({port})),
        resolve=[f"foreign.example:{port}:127.0.0.1"],
    )
    (result,) = client.fetch_all([FetchRequest(f"http://foreign.example:{port}/")])
    assert reason(result) == "blocked_address"
    assert site.connections == 0


def test_of_a_mixed_name_only_permitted_addresses_are_tried(
    site: Any, listener: socket.socket, fetcher: Callable[..., Fetcher]
) -> None:
    port = site.server_port
    name = f"localhost:{port}"
    client = fetcher(
        policy=AddressPolicy(frozenset({("localhost", port)})),
        resolve=[f"{name}:10.255.255.1,127.0.0.1"],
    )
    site.on("/", b"ok")
    (result,) = client.fetch_all(
        [FetchRequest(f"http://{name}/")], respect_robots=False, rights="ignore"
    )
    assert result.body == b"ok"


def test_other_ports_schemes_and_credentials_are_refused(get: Get, site: Any) -> None:
    assert reason(get(site, "http://example.com:6379/")) == "blocked_port"
    assert reason(get(site, "gopher://127.0.0.1/")) == "unsupported_scheme"
    assert reason(get(site, f"http://a:b@127.0.0.1:{site.server_port}/")) == "bad_url"
    assert site.connections == 0


def test_the_environment_sets_no_proxy(
    site: Any, get: Get, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
    for name in ("http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy)
    site.on("/", b"direct")
    assert get(site, "/").body == b"direct"
    assert is_untouched(listener)


def test_an_announced_size_above_the_limit_is_not_read(site: Any, get: Get) -> None:
    def announce(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "5000000000")
        handler.end_headers()
        handler.wfile.write(b"x" * 1000)
        site.released.wait(60)

    site.routes["/"] = announce
    result = get(site, "/")
    assert reason(result) == "too_large"
    assert result.elapsed < 20


def test_an_endless_body_is_cut_off(site: Any, get: Get) -> None:
    def pour(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        while not site.released.is_set():
            handler.wfile.write(b"x" * 65536)

    site.routes["/"] = pour
    assert reason(get(site, "/")) == "too_large"


def test_a_request_lowers_the_limit(site: Any, fetcher: Callable[..., Fetcher]) -> None:
    site.on("/", b"x" * 101)
    requests = [FetchRequest(site.url(), max_bytes=size) for size in (100, 101)]
    results = fetcher(site).fetch_all(requests, respect_robots=False, rights="ignore")
    outcome = {result.request.max_bytes: reason(result) for result in results}
    assert outcome == {100: "too_large", 101: None}


def test_a_gzip_bomb_stops_at_the_limit(site: Any, get: Get) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 60_000
    site.on("/", bomb, Content_Encoding="gzip")
    assert reason(get(site, "/", kind="page")) == "too_large"
    assert site.seen[0]["Accept-Encoding"] == "gzip"


def test_compression_is_undone_for_pages_and_where_nobody_asked(site: Any, get: Get) -> None:
    site.on("/", gzip.compress(b"<p>" * 1000), Content_Encoding="gzip")
    assert get(site, "/", kind="page").body == b"<p>" * 1000
    assert get(site, "/", kind="image").body == b"<p>" * 1000


def test_a_trickle_ends_with_the_time_limit(site: Any, get: Get) -> None:
    def trickle(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not site.released.wait(0.02):
            handler.wfile.write(b"x")

    site.routes["/"] = trickle
    result = get(site, "/", total_timeout=0.4, retries=0)
    assert reason(result) == "timeout"
    assert result.error is not None
    assert result.error.retryable
    assert 0.4 <= result.elapsed < 20


def test_a_stalled_body_ends_before_the_time_limit(site: Any, get: Get) -> None:
    def stall(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.wfile.write(b"x" * 500)
        site.released.wait(60)

    site.routes["/"] = stall
    result = get(site, "/", retries=0, stall_time=0.3)
    assert result.error is not None
    assert result.error.reason == "timeout"
    assert "bytes/s" in result.error.detail
    assert result.elapsed < 20


@pytest.mark.parametrize("answered", [False, True])
def test_a_reset_connection_is_named(site: Any, get: Get, answered: bool) -> None:
    def reset(handler: Any) -> None:
        if answered:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        linger = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        os.close(handler.connection.detach())

    site.routes["/"] = reset
    result = get(site, "/")
    assert reason(result) == "connection_reset"
    assert result.attempts == 3


def test_a_body_shorter_than_announced_is_no_success(site: Any, get: Get) -> None:
    def shorten(handler: Any) -> None:
        handler.reply(b"abc", Content_Length="10", Connection="close")
        handler.close_connection = True

    site.routes["/"] = shorten
    assert reason(get(site, "/", retries=0)) == "connection_reset"


def test_a_body_longer_than_announced_ends_where_announced(site: Any, get: Get) -> None:
    site.on("/", b"abcdef", Content_Length="3", Connection="close")
    assert get(site, "/").body == b"abc"


def test_what_is_not_http_is_a_bad_response(site: Any, get: Get) -> None:
    site.routes["/"] = lambda handler: handler.wfile.write(b"220 mail.example ESMTP\r\n" * 5)
    assert reason(get(site, "/", retries=0)) == "bad_response"


@pytest.mark.parametrize(
    ("status", "expected", "retryable"),
    [
        (404, "http_404", False),
        (403, "http_403", False),
        (410, "http_410", False),
        (500, "http_500", True),
        (503, "http_503", True),
        (429, "rate_limited", True),
        (304, "http_304", False),
    ],
)
def test_statuses_are_reasons(
    status: int, expected: str, retryable: bool, site: Any, get: Get
) -> None:
    site.on("/", b"" if status == 304 else b"sorry", status)
    error = get(site, "/", retries=0).error
    assert error is not None
    assert (error.reason, error.http_status, error.retryable) == (expected, status, retryable)


def test_empty_answers_and_closed_ports_have_their_reasons(site: Any, get: Get) -> None:
    site.on("/nothing")
    site.on("/gone", status=204)
    assert reason(get(site, "/nothing")) == "empty"
    assert reason(get(site, "/gone")) == "empty"
    site.server_close()
    assert reason(get(site, "/")) == "connect_error"


def test_a_name_without_address_is_a_dns_error(get: Get, site: Any) -> None:
    assert reason(get(site, "http://no-such-name.invalid/")) == "dns_error"


def test_noai_is_heeded_when_rights_are(site: Any, fetcher: Callable[..., Fetcher]) -> None:
    site.on("/a", b"art", X_Robots_Tag="noindex, noimageai")
    site.on("/b", b"art", X_Robots_Tag="otherbot: noai")
    site.on("/c", b"art", X_Robots_Tag="pixmill: noai")

    def outcomes(rights: RightsPolicy) -> dict[str, str | None]:
        requests = [FetchRequest(site.url(path), tag=path) for path in ("/a", "/b", "/c")]
        results = fetcher(site).fetch_all(requests, rights=rights)
        return {result.request.tag: reason(result) for result in results}

    assert outcomes("respect") == {"/a": "opted_out", "/b": None, "/c": "opted_out"}
    assert outcomes("ignore") == {"/a": None, "/b": None, "/c": None}


def test_certificates_are_verified(site: Any, secure: Path, get: Get) -> None:
    url = f"https://127.0.0.1:{site.server_port}/"
    assert reason(get(site, url)) == "tls_error"
    assert get(site, url, ca_file=str(secure)).body == b"sealed"


def test_a_certificate_for_another_name_is_refused(
    site: Any, secure: Path, fetcher: Callable[..., Fetcher]
) -> None:
    port = site.server_port
    client = fetcher(policy=AddressPolicy.parse(f"localhost:{port}"), ca_file=str(secure))
    (result,) = client.fetch_all(
        [FetchRequest(f"https://localhost:{port}/")], respect_robots=False, rights="ignore"
    )
    assert reason(result) == "tls_error"
