"""A receiver of webhooks on loopback, which keeps what is posted to it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.messaging.messages import SweepDue
from tests.harness import Person, System
from tests.sites import allow_sites

URGENT = "UPDATE {} SET {} = now() - interval '1 second' WHERE {} IS NOT NULL"


@dataclass(frozen=True)
class Posted:
    """One POST as it came: its path, headers with lower-case names, and bytes."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers POSTs as it is told to, and keeps them; it waits for `gate` first, if there is one.

    `statuses` are the answers to come; after the last it accepts everything. `gate` holds only
    what is posted to `/held`.
    """

    base_url: str
    posts: list[Posted] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b"thanks"
    gate: threading.Event = field(default_factory=threading.Event)
    asked: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int) -> None:
        """Return once so many posts have come; fail the test after half a minute."""
        with self.asked:
            assert self.asked.wait_for(lambda: len(self.posts) >= count, 30)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    receiver: Receiver


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        with receiver.asked:
            receiver.posts.append(Posted(self.path, headers, body))
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            receiver.asked.notify_all()
        if self.path == "/held":
            receiver.gate.wait(60)
        self.send_response(status)
        self.send_header("Content-Length", str(len(receiver.body)))
        for name, value in receiver.headers:
            self.send_header(name, value)
        with suppress(ConnectionError):  # who posted may have given up
            self.end_headers()
            self.wfile.write(receiver.body)

    log_message: Callable[..., None] = lambda *_: None


@contextmanager
def receive() -> Iterator[Receiver]:
    """Yield a receiver on a free port."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.receiver
    finally:
        server.receiver.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver(system: System) -> Iterator[Receiver]:
    """Yield a receiver that webhooks may reach."""
    with receive() as receiver, allow_sites(receiver):
        yield receiver


@pytest.fixture
def webhook(person: Person, receiver: Receiver) -> Any:
    """Return a webhook as its creation is answered, for the ends of crawl jobs."""
    return make_webhook(person, receiver)


def make_webhook(person: Person, receiver: Receiver, path: str = "/hook", **more: Any) -> Any:
    """Create a webhook."""
    body = {"url": receiver.base_url + path, "events": ["crawl_job.completed"], **more}
    return person.post("/v1/webhooks", body)


def send_test(person: Person, webhook: Any) -> Any:
    """Have a webhook tested; return the delivery."""
    return person.post(f"/v1/webhooks/{webhook['id']}/test", status=202)


def list_deliveries(person: Person, webhook: Any) -> Any:
    """Return a webhook's deliveries, newest first."""
    return person.get(f"/v1/webhooks/{webhook['id']}/deliveries")["items"]


def pass_time(session: Session, system: System) -> None:
    """Let all times that are waited for come, and deliver what the sweep sends then."""
    session.execute(text(URGENT.format("webhooks", "due_at", "due_at")))
    column = "next_attempt_at"
    session.execute(text(URGENT.format("webhook_deliveries", column, column)))
    session.commit()
    system.send(SweepDue())
    system.drain()
