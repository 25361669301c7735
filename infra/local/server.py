"""How gunicorn serves the functions (`--config python:infra.local.server`)."""

from typing import Any

from infra.local.children import die_with_parent

preload_app = True  # imported once and then forked, as on the platform
worker_class = "gthread"
timeout = 600  # seconds; the functions' own limits are shorter
graceful_timeout = 3
keepalive = 75
control_socket_disable = True
limit_request_line = 8190  # bytes; gunicorn's own limit is 4094


def post_fork(server: Any, worker: Any) -> None:
    """Ends a worker whose parent was killed."""
    die_with_parent()
