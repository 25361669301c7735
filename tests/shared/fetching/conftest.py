"""A real web server on loopback that misbehaves on request, and fetchers that may reach it."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.fetching.addresses import AddressPolicy
from shared.fetching.client import Fetcher, FetchRequest, FetchResult

Route = Callable[["Handler"], None]
RESERVATIONS = "/.well-known/tdmrep.json"


class Handler(BaseHTTPRequestHandler):
    """Looks its path up in the site's routes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: RoutedServer

    def do_GET(self) -> None:
        site = self.server
        path = self.path.partition("?")[0]
        if path == RESERVATIONS and path not in site.routes:
            answer_not_found(self)  # that the fetcher asks for it is a matter of its own tests
            return
        with site.lock:
            site.hits[self.path] += 1
            site.times.append(time.monotonic())
            site.seen.append(dict(self.headers))
            site.busy += 1
            site.busiest = max(site.busiest, site.busy)
        try:
            site.routes.get(path, site.fallback)(self)
        finally:
            with site.lock:
                site.busy -= 1

    def reply(
        self, body: bytes = b"", status: int = 200, *, after: float = 0.0, **headers: Any
    ) -> None:
        time.sleep(after)
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def answer_not_found(handler: Handler) -> None:
    handler.reply(b"no such page", 404)


class RoutedServer(ThreadingHTTPServer):
    """Routes, and counts of what visitors did."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes: dict[str, Route] = {}
        self.fallback: Route = answer_not_found
        self.lock = threading.Lock()
        self.hits: Counter[str] = Counter()
        self.times: list[float] = []
        self.seen: list[dict[str, str]] = []
        self.connections = self.busy = self.busiest = 0
        self.released = threading.Event()

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def on(self, path: str, body: bytes = b"", status: int = 200, **headers: Any) -> None:
        self.routes[path] = lambda handler: handler.reply(body, status, **headers)

    def on_raw(self, path: str, data: bytes) -> None:
        """Answer with these bytes and hang up."""

        def write(handler: Handler) -> None:
            handler.wfile.write(data)
            handler.close_connection = True

        self.routes[path] = write

    def get_request(self) -> Any:
        pair = super().get_request()
        self.connections += 1
        return pair

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # clients hang up on purpose here


@pytest.fixture
def serve() -> Iterator[Callable[[], RoutedServer]]:
    """Start sites; they stop with the test, and `released` frees handlers that wait for it."""
    sites: list[RoutedServer] = []

    def start() -> RoutedServer:
        site = RoutedServer()
        sites.append(site)
        threading.Thread(target=site.serve_forever, args=(0.02,), daemon=True).start()
        return site

    yield start
    for site in sites:
        site.released.set()
        site.shutdown()
        site.server_close()


@pytest.fixture
def site(serve: Callable[[], RoutedServer]) -> RoutedServer:
    return serve()


@pytest.fixture
def fetcher() -> Iterator[Callable[..., Fetcher]]:
    """Make fetchers that may reach the given sites and nothing else on this machine."""
    made: list[Fetcher] = []

    def make(*sites: RoutedServer, **options: Any) -> Fetcher:
        pairs = frozenset(("127.0.0.1", site.server_port) for site in sites)
        settings: dict[str, Any] = {"user_agent": "Pixmill/test", "max_bytes": 1_000_000}
        settings |= {"backoff": 0.01, "policy": AddressPolicy(pairs), **options}
        made.append(Fetcher(settings.pop("policy"), **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def get(fetcher: Callable[..., Fetcher]) -> Callable[..., FetchResult]:
    """Fetch one address from a site, robots.txt aside."""

    def fetch(site: RoutedServer, path: str, kind: Any = "image", **options: Any) -> FetchResult:
        url = path if "://" in path else site.url(path)
        client = fetcher(site, **options)
        (result,) = client.fetch_all(
            [FetchRequest(url, kind=kind)], respect_robots=False, rights="ignore"
        )
        return result

    return fetch


@pytest.fixture
def secure(tmp_path: Path, site: Any) -> Path:
    """Put the site behind TLS with a certificate that signs itself; its path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    file = tmp_path / "site.pem"
    file.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(encoding)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    site.socket = context.wrap_socket(site.socket, server_side=True)
    site.on("/", b"sealed")
    return file
