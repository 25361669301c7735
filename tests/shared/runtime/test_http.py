"""The part of every route that does not depend on its handler."""

import io
import json
import logging
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError
from sqlalchemy.orm import Session

from shared.operations.discovery import list_http_functions
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
        (b'{"name": "\\ud83d"}', "application/json", 422),
        (b'{"name": "x", "\\ud83d": 5}', "application/json", 422),
        (b'{"name": "\xed\xa0\xbd"}', "application/json", 400),
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
    for function, operation in list_http_functions():
        path = operation.path.replace("{", "").replace("}", "")
        for name in ("project_id", "crawl_job_id", "image_id", "validation_job_id"):
            path = path.replace(name, UNKNOWN)
        path = path.replace("export_job_id", UNKNOWN).replace("api_key_id", UNKNOWN)
        response = system.client.open(path, method=operation.method)
        if operation.public:
            assert response.status_code != 401 or operation.takes_cookies, function.name
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


def test_head_is_answered_as_get_is_without_the_body(system: System, person: Person) -> None:
    asked = 0
    for function, operation in list_http_functions():
        if operation.method != "GET":
            continue
        path = operation.path.replace("{", "").replace("}", "")
        for headers in ({"X-Request-Id": "mine"}, {"X-API-Key": person.token}):
            get, head = (
                system.client.open(path, method=method, headers=headers)
                for method in ("GET", "HEAD")
            )
            assert head.data == b"", function.name
            assert head.status_code == get.status_code, function.name
            assert set(head.headers.keys()) == set(get.headers.keys()), function.name
            assert head.content_type == get.content_type, function.name
            asked += 1
    assert asked > 40
    get, head = (person.request(method, "/v1/me") for method in ("GET", "HEAD"))
    assert (head.status_code, head.content_length) == (200, len(get.data))


def test_head_is_not_for_what_changes_things(system: System) -> None:
    response = system.client.head("/v1/users")
    assert (response.status_code, response.data) == (405, b"")
    assert response.headers["Allow"] == "POST"


def test_a_wrong_method_names_the_right_ones(person: Person) -> None:
    response = person.request("PUT", "/v1/projects")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, POST"
    assert response.get_json()["instance"] == response.headers["X-Request-Id"]


@pytest.mark.parametrize("cursor", ["nonsense", "%00", "%ff", "a" * 3000])
def test_an_unreadable_cursor_is_a_bad_request(person: Person, cursor: str) -> None:
    expect(person.request("GET", f"/v1/projects?cursor={cursor}"), 400)


class Zeros(io.RawIOBase):
    """A body of any length."""

    given = 0

    def readinto(self, buffer: Any) -> int:
        self.given += len(buffer)
        return len(buffer)

    def readable(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", "/v1/users", 413), ("GET", "/healthz", 200)]
)
def test_of_a_body_without_end_only_so_much_is_read(
    system: System, method: str, path: str, status: int
) -> None:
    body = Zeros()
    sent = {"wsgi.input": body, "CONTENT_LENGTH": str(200 * 1024 * 1024)}
    expect(system.client.open(path, method=method, environ_overrides=sent), status)
    assert body.given <= 33 * 1024 * 1024


def test_query_strings_are_checked(person: Person) -> None:
    problem = expect(person.request("GET", "/v1/projects?limit=0&colour=red"), 422)
    assert {error["pointer"] for error in problem["errors"]} == {"/limit", "/colour"}


def test_a_query_parameter_given_twice_is_refused(person: Person) -> None:
    problem = expect(person.request("GET", "/v1/projects?limit=1&limit=2"), 422)
    assert problem["errors"] == [{"pointer": "/limit", "detail": "is given more than once"}]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "", 404),
        (b" {} ", "application/json", 404),
        (b'{"reason": "x"}', "application/json", 422),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"reason=x", "application/x-www-form-urlencoded", 415),
    ],
)
def test_a_body_where_none_is_wanted_holds_nothing(
    person: Person, body: bytes, content_type: str, status: int
) -> None:
    path = f"/v1/crawl-jobs/{UNKNOWN}/cancel"
    expect(person.request("POST", path, data=body, content_type=content_type), status)


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
    assert "secret name" not in caplog.text
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


class LostConnection(Exception):
    """The error of pg8000 that SQLAlchemy takes for a lost connection."""


@pytest.mark.parametrize(("method", "statuses"), [("POST", {503}), ("GET", {200})])
def test_work_of_unknown_outcome_is_not_repeated(
    person: Person, session: Session, monkeypatch: pytest.MonkeyPatch, method: str, statuses: Any
) -> None:
    """The commit took effect, and its answer was lost: doing it again would do it twice."""
    commits: list[int] = []

    def commit_and_lose(self: Session) -> None:
        real(self)
        commits.append(1)
        if len(commits) == 1:
            raise InterfaceError("COMMIT", {}, LostConnection())

    real = Session.commit
    monkeypatch.setattr(Session, "commit", commit_and_lose)
    body = {"name": "once"} if method == "POST" else None
    response = person.request(method, "/v1/projects", body)
    assert {response.status_code} == statuses
    monkeypatch.undo()
    assert len(person.get("/v1/projects")["items"]) == (1 if method == "POST" else 0)


def test_messages_wait_when_pubsub_is_down(system: System, person: Person) -> None:
    project = person.post("/v1/projects", {"name": "p"})
    system.mailbox.broken = True
    assert person.request("DELETE", f"/v1/projects/{project['id']}").status_code == 204
    assert system.mailbox.sent == []
