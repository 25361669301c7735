"""Cursors all along a project's images."""

import pytest
from sqlalchemy.orm import Session

from shared.models import Project
from tests import factories
from tests.harness import Person, System, expect


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 10, 14])
def test_each_cursor_leads_to_its_page(
    person: Person, session: Session, project: Project, count: int
) -> None:
    images = factories.images(session, project, count)
    newest = [str(image.id) for image in reversed(images)]
    path = f"/v1/projects/{project.id}/images"
    found = person.get(f"{path}/anchors?every=5")
    assert (found["count"], found["every"], found["complete"]) == (count, 5, True)
    assert found["cursors"][0] is None
    assert len(found["cursors"]) == max(1, -(-count // 5))
    pages = []
    for cursor in found["cursors"]:
        page = person.get(f"{path}?limit=5" + (f"&cursor={cursor}" if cursor else ""))
        pages.append([image["id"] for image in page["items"]])
    assert pages == ([newest[start : start + 5] for start in range(0, count, 5)] or [[]])


def test_they_are_those_of_a_filtered_list(
    person: Person, session: Session, project: Project
) -> None:
    wanted = []
    for _ in range(5):
        wanted.append(str(factories.image(session, project, label="cat").id))
        factories.image(session, project)
    path = f"/v1/projects/{project.id}/images"
    found = person.get(f"{path}/anchors?every=2&label=cat")
    assert (found["count"], len(found["cursors"])) == (5, 3)
    page = person.get(f"{path}?limit=2&label=cat&cursor={found['cursors'][1]}")
    assert [image["id"] for image in page["items"]] == [wanted[2], wanted[1]]


@pytest.mark.parametrize(("count", "complete"), [(9, True), (10, True), (11, False), (15, False)])
def test_they_end_where_there_are_too_many(
    person: Person,
    session: Session,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    complete: bool,
) -> None:
    monkeypatch.setattr("shared.images.anchors.MOST_IMAGES", 10)
    images = factories.images(session, project, count)
    path = f"/v1/projects/{project.id}/images"
    found = person.get(f"{path}/anchors?every=4")
    assert (found["count"], found["complete"]) == (min(count, 10), complete)
    assert len(found["cursors"]) == 3
    page = person.get(f"{path}?limit=1&cursor={found['cursors'][2]}")
    assert page["items"][0]["id"] == str(images[-9].id)


def test_they_are_no_more_than_ten_thousand(
    person: Person, session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.images.anchors.MOST_CURSORS", 3)
    factories.images(session, project, 9)
    found = person.get(f"/v1/projects/{project.id}/images/anchors?every=2")
    assert (found["count"], found["complete"], len(found["cursors"])) == (6, False, 3)


def test_images_of_others_do_not_count(
    system: System, person: Person, session: Session, project: Project
) -> None:
    factories.images(session, factories.project(session, person.id), 3)
    other = system.person()
    factories.images(session, factories.project(session, other.id), 3)
    path = f"/v1/projects/{project.id}/images/anchors"
    assert person.get(path) == {"count": 0, "every": 200, "complete": True, "cursors": [None]}
    expect(other.request("GET", path), 404)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("every=0", "/every"), ("every=10001", "/every"), ("limit=5", "/limit"), ("label=", "/label")],
)
def test_bad_queries_are_named(person: Person, project: Project, query: str, pointer: str) -> None:
    path = f"/v1/projects/{project.id}/images/anchors?{query}"
    problem = expect(person.request("GET", path), 422)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
