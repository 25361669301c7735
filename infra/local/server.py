"""Configuration of gunicorn for the functions (`--config python:infra.local.server`)."""

import socket
from typing import Any

from gunicorn import util

from infra.local.children import die_with_parent
from shared.errors import AppError
from shared.models.base import new_id
from shared.runtime.problems import to_problem

preload_app = True  # imported once and then forked, as on the platform
worker_class = "gthread"
timeout = 600  # seconds; the functions' own limits are shorter
graceful_timeout = 3
keepalive = 75
control_socket_disable = True
limit_request_line = 8190  # bytes; gunicorn's own limit is 4094


def post_fork(server: Any, worker: Any) -> None:
    """End a worker whose parent was killed."""
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


util.write_error = refuse  # gunicorn has no setting for what it answers by itself
