"""A push endpoint: a real HTTP server that keeps what it is sent and answers as a test says."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

RESET = -1


@dataclass(frozen=True)
class Push:
    """One request; `connection` is the same for requests over one kept-alive connection."""

    at: float
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    connection: object

    @property
    def message_id(self) -> str:
        return str(self.body["message"]["messageId"])

    @property
    def data(self) -> str:
        return str(self.body["message"].get("data", ""))


class Endpoint:
    """Answers `status`, or what `answer` makes of a push; RESET drops the connection."""

    def __init__(self, port: int = 0) -> None:
        self.status = 204
        self.answer: Callable[[Push], int] = lambda push: self.status
        self.pushes: list[Push] = []
        self.arrived = threading.Condition()
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self.port = int(self._server.server_port)
        self.url = f"http://127.0.0.1:{self.port}/push?token=x"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def wait_for(self, count: int, deadline: float = 30) -> list[Push]:
        """Return the first `count` pushes; fail the test when they do not come."""
        with self.arrived:
            enough = self.arrived.wait_for(lambda: len(self.pushes) >= count, deadline)
            assert enough, f"{len(self.pushes)} of {count} pushes after {deadline} s"
            return self.pushes[:count]

    def quiet_for(self, duration: float) -> list[Push]:
        """All pushes, after none came for `duration` seconds."""
        with self.arrived:
            while self.arrived.wait(duration):
                pass
            return list(self.pushes)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: emulators that stop or are killed cut their connections."""


def _handler(endpoint: Endpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            push = Push(
                time.monotonic(),
                self.path,
                dict(self.headers),
                json.loads(content),
                self.connection,
            )
            with endpoint.arrived:
                endpoint.pushes.append(push)
                endpoint.arrived.notify_all()
            status = endpoint.answer(push)
            if status == RESET:
                self.close_connection = True
                return
            self.send_response(status)
            if status >= 200:
                self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler
