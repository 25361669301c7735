"""The gateway's own answers, and the way through it to a function."""

import pytest

from tests.harness import System, expect


@pytest.mark.parametrize(
    "path",
    [
        *("//v1/me", "/v1/me/", "/v1//me", "/robots.txt", "/v1"),
        *("/v1/projects/a%2Fb", "/v1/me%0A", "/v1/projects/a%0A", "/v1/projects/a%0A/images"),
    ],
)
def test_what_is_nowhere(system: System, path: str) -> None:
    response = system.client.get(path, headers={"X-Request-Id": "mine"})
    problem = expect(response, 404)
    assert response.content_type == "application/problem+json"
    assert problem["instance"] == response.headers["X-Request-Id"] == "mine"


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/v2/nothing", 404, "There is nothing at this address."),
        ("GET", "/v2/models/digits/config", 404, "There is nothing at this address."),
        ("GET", "/v2/models/digits/infer", 405, "Use POST."),
    ],
)
def test_the_inference_protocol_has_its_own_form_of_errors(
    system: System, method: str, path: str, status: int, text: str
) -> None:
    response = system.client.open(path, method=method, headers={"X-Request-Id": "mine"})
    assert expect(response, status) == {"error": text}
    assert response.content_type == "application/json"
    assert response.headers["X-Request-Id"] == "mine"
    assert response.headers.get("Allow") == ("POST" if status == 405 else None)


@pytest.mark.parametrize("method", ["PUT", "TRACE"])
def test_a_method_that_a_path_does_not_take(system: System, method: str) -> None:
    response = system.client.open("/v1/projects", method=method, headers={"X-Request-Id": "mine"})
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, POST"
    assert response.headers["X-Request-Id"] == "mine"


def test_the_worker_takes_nothing_else(system: System) -> None:
    assert system.worker.post("/nothing", json={}).status_code == 404
