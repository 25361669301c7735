"""The gateway's own answers, and the way through it to a function."""

import pytest

from tests.harness import System, expect


@pytest.mark.parametrize(
    "path", ["/", "//v1/me", "/v1/me/", "/v1//me", "/v1/projects/a%2Fb", "/robots.txt", "/v1"]
)
def test_what_is_nowhere(system: System, path: str) -> None:
    response = system.client.get(path, headers={"X-Request-Id": "mine"})
    problem = expect(response, 404)
    assert response.content_type == "application/problem+json"
    assert problem["instance"] == response.headers["X-Request-Id"] == "mine"


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "TRACE"])
def test_a_method_that_a_path_does_not_take(system: System, method: str) -> None:
    response = system.client.open("/v1/projects", method=method, headers={"X-Request-Id": "mine"})
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, POST"
    assert response.headers["X-Request-Id"] == "mine"


def test_the_worker_takes_nothing_else(system: System) -> None:
    assert system.worker.post("/nothing", json={}).status_code == 404
