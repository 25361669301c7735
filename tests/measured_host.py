"""A web host on loopback that measures what its visitors ask of it."""

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any


class MeasuredHost(ThreadingHTTPServer):
    """Answers every path after `seconds`, and notes when requests began and how many at a time.

    `answer` may answer a request itself, given its handler and how many there were before.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, seconds: float, body: Callable[[str], bytes] = str.encode) -> None:
        super().__init__(("127.0.0.1", 0), _MeasuringHandler)
        self.seconds = seconds
        self.body = body
        self.answer: Callable[[Any, int], bool] = lambda handler, number: False
        self.lock = threading.Lock()
        self.times: list[float] = []
        self.paths: list[str] = []
        self.busy = self.busiest = 0
        self.name = f"127.0.0.1:{self.server_port}"

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return f"http://{self.name}{path}"

    def busiest_second(self) -> int:
        """Return the most requests that began within any one second."""
        times = sorted(self.times)
        return max(bisect_left(times, one + 1) - place for place, one in enumerate(times))

    def gaps(self) -> list[float]:
        """Return the seconds between each two requests."""
        times = sorted(self.times)
        return [after - before for before, after in pairwise(times)]


class _MeasuringHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: MeasuredHost

    def do_GET(self) -> None:
        host = self.server
        with host.lock:
            number = len(host.times)
            host.times.append(time.monotonic())
            host.paths.append(self.path)
            host.busy += 1
            host.busiest = max(host.busiest, host.busy)
        try:
            if not host.answer(self, number):
                time.sleep(host.seconds)
        finally:
            with host.lock:
                host.busy -= 1  # before the answer, after which the next may come
        self.reply()

    def reply(self) -> None:
        """Send what was decided."""
        status, headers, body = getattr(self, "reply_with", (200, {}, None))
        data = self.server.body(self.path) if body is None else body
        if self.path == "/robots.txt" and status == 200:
            status, data = 404, b""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def measure_host(seconds: float = 0.02, **more: Any) -> Iterator[MeasuredHost]:
    """Yield a host that runs."""
    host = MeasuredHost(seconds, **more)
    thread = threading.Thread(target=host.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield host
    finally:
        host.shutdown()
        thread.join()
        host.server_close()
