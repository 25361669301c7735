"""What every route does with a request, whatever its handler."""

import json
import logging

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.discovery import http_functions
from shared.services import services
from tests.harness import Person, System, expect

UNKNOWN = "01890000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"name": "x"}', "text/plain", 415),
        (b'"name"', "application/json", 422),
        (b'{"name": "x", "colour": "red"}', "application/json", 422),
        (b'{"name": 5}', "application/json", 422),
        (b'{"name": "' + b"x" * (1024 * 1024) + b'"}', "application/json", 413),
    ],
)
def test_bad_bodies(person: Person, body: bytes, content_type: str, status: int) -> None:
    response = person.request("POST", "/v1/projects", data=body, content_type=content_type)
    problem = expect(response, status)
    assert response.content_type == "application/problem+json"
    assert problem["status"] == status
    assert problem["instance"] == response.headers["X-Request-Id"]


def test_every_route_wants_credentials_unless_it_is_public(system: System) -> None:
    for function, operation in http_functions():
        path = operation.path.replace("{", "").replace("}", "")
        for name in ("project_id", "crawl_job_id", "image_id", "validation_job_id"):
            path = path.replace(name, UNKNOWN)
        path = path.replace("export_job_id", UNKNOWN).replace("api_key_id", UNKNOWN)
        response = system.client.open(path, method=operation.method)
        if operation.public:
            assert response.status_code != 401 or "users" in path, function.name
        else:
            assert response.status_code == 401, function.name


@pytest.mark.parametrize("token", ["", "pxk_", "pxa_nonsense", "nonsense", "pxk_" + "x" * 5000])
def test_wrong_credentials(system: System, token: str) -> None:
    response = system.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"]


def test_request_ids_are_echoed_or_made(system: System) -> None:
    given = system.client.get("/v1/me", headers={"X-Request-Id": "my-id.1"})
    assert given.headers["X-Request-Id"] == "my-id.1"
    assert given.get_json()["instance"] == "my-id.1"
    hostile = system.client.get("/v1/me", headers={"X-Request-Id": 'a"b{}<script>'})
    assert hostile.headers["X-Request-Id"] != 'a"b{}<script>'
    assert len(hostile.headers["X-Request-Id"]) == 36


def test_ids_that_are_none_are_404(person: Person) -> None:
    for path in ("/v1/projects/nonsense", f"/v1/projects/{UNKNOWN}", "/v1/images/1"):
        expect(person.request("GET", path), 404)


def test_a_wrong_method_names_the_right_ones(person: Person) -> None:
    response = person.request("PUT", "/v1/projects")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST"
    assert response.get_json()["instance"] == response.headers["X-Request-Id"]


def test_query_strings_are_checked(person: Person) -> None:
    problem = expect(person.request("GET", "/v1/projects?limit=0&colour=red"), 422)
    assert {error["pointer"] for error in problem["errors"]} == {"/limit", "/colour"}


def test_a_failure_of_ours_tells_nothing(
    system: System, person: Person, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    session.execute(text("ALTER TABLE projects RENAME TO hidden"))
    session.commit()
    try:
        with caplog.at_level(logging.ERROR):
            response = person.request("POST", "/v1/projects", {"name": "secret name"})
    finally:
        session.execute(text("ALTER TABLE hidden RENAME TO projects"))
        session.commit()
    problem = expect(response, 500)
    assert "projects" not in json.dumps(problem)
    assert "SELECT" not in json.dumps(problem)
    assert problem["instance"] == response.headers["X-Request-Id"]
    assert caplog.records


def test_a_lost_connection_is_tried_again(person: Person, session: Session) -> None:
    services().engine.dispose()
    person.get("/v1/projects")
    session.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'pixmill'"
        )
    )
    session.rollback()
    expect(person.request("POST", "/v1/projects", {"name": "after the storm"}), 201)


def test_messages_wait_when_pubsub_is_down(system: System, person: Person) -> None:
    project = person.post("/v1/projects", {"name": "p"})
    system.mailbox.broken = True
    assert person.request("DELETE", f"/v1/projects/{project['id']}").status_code == 204
    assert system.mailbox.sent == []
