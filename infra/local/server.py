"""Serves an application by gunicorn, the server that functions-framework itself uses."""

import socket
import time
from collections.abc import Callable
from typing import Any

from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from infra.local.forking import die_with_parent
from infra.local.hosts import App
from shared.errors import AppError
from shared.models.base import new_id
from shared.runtime.problems import to_problem

HESITATION = 0.001  # seconds for each request at work


def serve_functions(
    make_app: Callable[[], App], port: int, *, processes: int, threads: int
) -> None:
    """Serve at a port of 127.0.0.1 until SIGTERM; the application is made once and then forked."""
    util.write_error = refuse  # gunicorn has no setting for what it answers by itself
    _Server(make_app, port, processes, threads).run()


class HesitantWorker(ThreadWorker):  # type: ignore[misc]
    """A process that takes a connection the later the more it has to do.

    All processes wait for connections at one socket, and the first to ask would get several: of
    five chunks that came together one got four, worked for 1.7 s, and left the other core idle.
    """

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, unless another process has meanwhile."""
        waiting = len(self.keepalived_conns) + len(self.pending_conns)
        time.sleep(HESITATION * (self.nr_conns - waiting))
        super().accept(listener)


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(
        self, make_app: Callable[[], App], port: int, processes: int, threads: int
    ) -> None:
        self._make_app = make_app
        self._own = {"bind": f"127.0.0.1:{port}", "workers": processes, "threads": threads}
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            **self._own,
            "preload_app": True,  # as on the platform
            "worker_class": HesitantWorker,
            "timeout": 600,  # seconds; the functions' own limits are shorter
            "graceful_timeout": 3,
            "keepalive": 0,  # a kept connection would bind what comes next to one process
            "control_socket_disable": True,
            "limit_request_line": 8190,  # bytes; gunicorn's own limit is 4094
            "post_fork": _end_with_parent,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> App:
        """Make the application."""
        return self._make_app()


def _end_with_parent(_arbiter: object, _worker: object) -> None:
    die_with_parent()


def refuse(client: socket.socket, status: int, reason: str, detail: str) -> None:
    """Answer with a problem what gunicorn refuses, such as a header that is too long."""
    error = AppError(detail or reason)
    error.status, error.title = status, reason
    instance = str(new_id())
    answer = to_problem(error, instance)
    answer.headers["X-Request-Id"] = instance
    answer.headers["Connection"] = "close"
    content = answer.get_data()
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in answer.headers)]
    util.write_nonblock(client, "\r\n".join([*lines, "", ""]).encode("latin-1") + content)
