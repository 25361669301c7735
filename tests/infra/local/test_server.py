"""Answers of gunicorn that no function is asked for, and which process takes a connection."""

import json
import socket
import threading
from collections import deque
from typing import Any

import pytest
from gunicorn.config import Config

from infra.local import server


def test_what_is_no_request_is_answered_with_a_problem() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        server.refuse(ours, 414, "URI Too Long", "Request Line is too large (9000 > 8190): <é>")
        head, _, content = theirs.recv(10_000).partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    problem = json.loads(content)
    assert status == "HTTP/1.1 414 URI Too Long"
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Content-Length"] == str(len(content))
    assert headers["X-Request-Id"] == problem["instance"]
    assert (problem["status"], problem["title"]) == (414, "URI Too Long")
    assert problem["detail"] == "Request Line is too large (9000 > 8190): <é>"


def make_process(requests: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[Any]]:
    """Return a process that is at work on so many requests, and what else it will take."""
    process = object.__new__(server.HesitantWorker)
    taken: list[Any] = []
    process.cfg = Config()
    process.keepalived_conns, process.pending_conns = deque([None]), deque()
    process.nr_conns = requests + 1
    monkeypatch.setattr(process, "enqueue_req", taken.append, raising=False)
    return process, taken


def test_the_process_with_less_to_do_takes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HESITATION", 0.1)
    busy, of_busy = make_process(5, monkeypatch)
    idle, of_idle = make_process(0, monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        with socket.create_connection(listener.getsockname()):
            thread = threading.Thread(target=busy.accept, args=(listener,))
            thread.start()
            idle.accept(listener)
            thread.join()
            assert (len(of_busy), len(of_idle)) == (0, 1)
        with socket.create_connection(listener.getsockname()):
            busy.accept(listener)  # and where nobody else does, it takes it
            assert (len(of_busy), busy.nr_conns) == (1, 7)
    for connection in (*of_busy, *of_idle):
        connection.close()
