"""Changing a project."""

import pytest
from sqlalchemy.orm import Session

from shared.models import Project
from tests import factories
from tests.harness import Person, expect


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id, name="cats", description="old")


def test_only_what_is_sent_changes(person: Person, session: Session, project: Project) -> None:
    factories.image(session, project)
    path = f"/v1/projects/{project.id}"
    changed = expect(person.request("PATCH", path, {"name": "dogs"}), 200)
    assert (changed["name"], changed["description"], changed["image_count"]) == ("dogs", "old", 1)
    changed = expect(person.request("PATCH", path, {"description": None}), 200)
    assert (changed["name"], changed["description"]) == ("dogs", None)
    assert changed["updated_at"] > changed["created_at"]


def test_archiving_and_back(person: Person, project: Project) -> None:
    for status in ("archived", "active"):
        path = f"/v1/projects/{project.id}"
        assert expect(person.request("PATCH", path, {"status": status}), 200)["status"] == status


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"name": ""},
        {"status": "gone"},
        {"status": None},
        {"user_id": "x"},
        {"image_count": 5},
    ],
)
def test_bad_changes_are_named(person: Person, project: Project, change: dict[str, object]) -> None:
    problem = expect(person.request("PATCH", f"/v1/projects/{project.id}", change), 422)
    assert [error["pointer"] for error in problem["errors"]] == [f"/{next(iter(change))}"]
    assert person.get(f"/v1/projects/{project.id}")["name"] == "cats"
