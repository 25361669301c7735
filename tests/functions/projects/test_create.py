"""Starting a project."""

import pytest
from sqlalchemy.orm import Session

from shared.models import Project
from shared.quotas import QUOTAS
from tests.harness import Person, System, expect


def test_a_project_begins_empty_and_active(person: Person) -> None:
    project = person.post("/v1/projects", {"name": " Cats ", "description": "of the street"})
    assert project["name"] == "Cats"
    assert project["description"] == "of the street"
    assert project["user_id"] == str(person.id)
    assert project["status"] == "active"
    counts = ("image_count", "duplicate_count", "rejected_count", "crawl_job_count")
    assert [project[name] for name in counts] == [0, 0, 0, 0]
    assert project["created_at"].endswith("Z")
    assert project.items() <= person.get(f"/v1/projects/{project['id']}").items()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "  "}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "a\u2028b"}, "/name"),
        ({"name": "x", "description": "x" * 5001}, "/description"),
        ({"name": "x", "description": "\0"}, "/description"),
        ({"name": "x", "status": "archived"}, "/status"),
    ],
)
def test_bad_input_is_named(person: Person, body: dict[str, str], pointer: str) -> None:
    problem = expect(person.request("POST", "/v1/projects", body), 422)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_there_is_a_limit_for_each_person(
    system: System, person: Person, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.projects.create.QUOTAS", QUOTAS.__class__(projects=2))
    for name in "ab":
        person.post("/v1/projects", {"name": name})
    problem = expect(person.request("POST", "/v1/projects", {"name": "c"}), 409)
    assert "2 projects" in problem["detail"]
    system.person().post("/v1/projects", {"name": "c"})
    assert session.query(Project).count() == 3
