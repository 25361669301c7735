"""A photo site on loopback: real photographs, and everything that goes wrong with files."""

import importlib.util
import io
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import pytest
from PIL import Image

from shared.fetching.addresses import AddressPolicy
from shared.services import services
from tests.harness import Person, System

_PHOTOS = (
    "astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png",
    "grass.png", "gravel.png", "hubble_deep_field.jpg", "ihc.png", "moon.png", "rocket.jpg",
)  # fmt: skip


@dataclass(frozen=True)
class Reply:
    """The answer of an address; it waits for `gate` first."""

    body: bytes
    media_type: str = "image/jpeg"
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    gate: threading.Event | None = None


@dataclass
class Site:
    """The site's replies by path, how often each was asked for, and how often it was unchanged.

    `headers` are those of the last request for each.
    """

    base_url: str
    replies: dict[str, Reply] = field(default_factory=dict)
    hits: Counter[str] = field(default_factory=Counter)
    asked: threading.Condition = field(default_factory=threading.Condition)
    unchanged: Counter[str] = field(default_factory=Counter)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def put(self, path: str, body: bytes, media_type: str = "image/jpeg", **more: Any) -> str:
        """Serve a file; return its address."""
        self.replies[path] = Reply(body, media_type, **more)
        return self.base_url + path

    def photos(self, count: int, first: int = 0) -> list[str]:
        """Serve so many different photographs as JPEG; return their addresses."""
        return [self.put(f"/photos/{n}.jpg", photo(n)) for n in range(first, first + count)]

    def page(self, path: str, html: str, **more: Any) -> str:
        """Serve a page."""
        document = f"<!doctype html><title>Photographs</title>{html}"
        return self.put(path, document.encode(), "text/html; charset=utf-8", **more)

    def wait_for(self, path: str, times: int = 1) -> None:
        """Return once an address has been asked for; fail the test after half a minute."""
        with self.asked:
            assert self.asked.wait_for(lambda: self.hits[path] >= times, 30), path


@cache
def photo(number: int, kind: str = "jpeg", side: int = 160) -> bytes:
    """Return a photograph, or a part of one; every number another."""
    name, part = _PHOTOS[number % len(_PHOTOS)], number // len(_PHOTOS)
    picture = _original(name)
    width, height = picture.width // 3, picture.height // 3
    left, top = (part % 3) * width, (part // 3 % 3) * height
    cut = picture.crop((left, top, left + width, top + height)) if part else picture.copy()
    cut.thumbnail((side, side))
    return encode(cut, kind, quality=85)


def encode(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """Return a picture as a file."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@cache
def animation() -> bytes:
    """Return a GIF of three frames."""
    first, *others = (Image.open(io.BytesIO(photo(n))).resize((64, 64)) for n in range(3))
    return encode(first, "gif", save_all=True, append_images=others, duration=100)


@cache
def bomb() -> bytes:
    """Return a small file that claims 120 megapixels."""
    return encode(Image.new("1", (12_000, 10_000)), "png")


@cache
def _original(name: str) -> Image.Image:
    found = importlib.util.find_spec("skimage")
    assert found is not None
    assert found.origin is not None
    with Image.open(Path(found.origin).parent / "data" / name) as picture:
        return picture.convert("RGB")


@contextmanager
def serve() -> Iterator[Site]:
    """Yield the site on a free port."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.site = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.site
    finally:
        for reply in server.site.replies.values():
            if reply.gate:
                reply.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()


class LoopbackServer(Protocol):
    """A site or service of a test on loopback."""

    @property
    def base_url(self) -> str:
        """Return its address."""
        ...


@contextmanager
def allow_sites(*sites: LoopbackServer, **settings: Any) -> Iterator[None]:
    """Let the crawler reach these sites, and change other settings, for a while."""
    process = services()
    changed = replace(
        process.settings,
        crawl_allow=",".join(site.base_url.removeprefix("http://") for site in sites),
        **{"crawl_timeout": 20, **settings},
    )
    before = dict(process.built)
    process.built |= {"settings": changed, "addresses": AddressPolicy.parse(changed.crawl_allow)}
    try:
        yield
    finally:
        for name in ("settings", "addresses"):
            process.built.pop(name)
            process.built |= {name: before[name]} if name in before else {}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512  # with fewer, clients of many connections at once run into time-outs
    site: Site


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        site, path = self.server.site, self.path.partition("?")[0]
        with site.asked:
            site.hits[path] += 1
            site.headers[path] = {name.lower(): value for name, value in self.headers.items()}
            site.asked.notify_all()
        reply = site.replies.get(path, Reply(b"no such page", "text/plain", 404))
        if reply.gate:
            reply.gate.wait(60)
        validators = {name: value for name, value in reply.headers if name == "ETag"}
        if validators and self.headers["If-None-Match"] == validators["ETag"]:
            with site.asked:
                site.unchanged[path] += 1
            reply = replace(reply, body=b"", status=304)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.media_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    log_message: Callable[..., None] = lambda *_: None


@pytest.fixture
def site(system: System) -> Iterator[Site]:
    """Yield the photo site, reachable for the crawler."""
    with serve() as site, allow_sites(site):
        yield site


@pytest.fixture
def project(person: Person) -> str:
    """Return the id of a project."""
    return str(person.post("/v1/projects", {"name": "Animals"})["id"])


@pytest.fixture
def start(person: Person, project: str) -> Callable[..., str]:
    """Start a crawl job over addresses, or over another source; return its id."""

    def start(source: list[Any] | dict[str, Any], **options: Any) -> str:
        if isinstance(source, list):
            source = {"type": "urls", "urls": source}
        body = {"name": "A crawl", "source": source, "options": options}
        return str(person.post(f"/v1/projects/{project}/crawl-jobs", body, 202)["id"])

    return start


@pytest.fixture
def crawl(person: Person, system: System, start: Callable[..., str]) -> Callable[..., Any]:
    """Run a crawl job to its end; return it as the API shows it."""

    def crawl(source: list[Any] | dict[str, Any], **options: Any) -> Any:
        job_id = start(source, **options)
        system.drain()
        return person.get(f"/v1/crawl-jobs/{job_id}")

    return crawl
