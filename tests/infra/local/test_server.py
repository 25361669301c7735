"""Answers of gunicorn that no function is asked for."""

import json
import socket

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
