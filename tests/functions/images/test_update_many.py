"""Changing many images at once."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.images import edits
from shared.models import Image, Project
from shared.models.base import new_id
from tests import factories
from tests.harness import Person, System, expect


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def patch(person: Person, project: Project, status: int = 200, **body: Any) -> Any:
    return expect(person.request("PATCH", f"/v1/projects/{project.id}/images", body), status)


def test_listed_images(person: Person, session: Session, project: Project) -> None:
    images = factories.images(session, project, 4)
    ids = [str(image.id) for image in images[:3]]
    change = {"label": "cat", "caption": "A cat."}
    assert patch(person, project, image_ids=ids, set=change) == {"changed": 3, "remaining": False}
    session.expire_all()
    assert [(one.label, one.caption) for one in images] == [("cat", "A cat.")] * 3 + [(None, None)]
    # Those that are so already do not count.
    again = patch(person, project, image_ids=ids, set={"label": "cat", "caption": None})
    assert again == {"changed": 3, "remaining": False}
    assert patch(person, project, image_ids=ids, set={"caption": None})["changed"] == 0


def test_images_that_pass_a_filter(person: Person, session: Session, project: Project) -> None:
    job = factories.crawl_job(session, project)
    wanted = factories.images(session, job, 2, label="cat", width=100)
    factories.images(session, job, 1, label="dog", width=100)
    factories.images(session, job, 1, label="cat", width=99)
    factories.images(session, project, 1, label="cat", width=100)
    filters = {"crawl_job_id": str(job.id), "label": "cat", "min_width": 100}
    answer = patch(person, project, filter=filters, set={"label": "tabby"})
    assert answer == {"changed": 2, "remaining": False}
    session.expire_all()
    assert {image.label for image in wanted} == {"tabby"}
    labels = session.scalars(select(Image.label)).all()
    assert sorted(map(str, labels)) == ["cat", "cat", "dog", "tabby", "tabby"]


def test_rejections_take_similar_images_along_and_back(
    person: Person, session: Session, project: Project
) -> None:
    images = factories.images(session, project, 3, label="bad")
    near = factories.image(session, project, phash=(images[0].phash or 0) ^ 1)
    other = factories.image(session, project)
    change = {"rejected": True, "reject_reason": "Blurred"}
    filters = {"label": "bad"}
    assert patch(person, project, filter=filters, set=change)["changed"] == 3
    session.expire_all()
    assert [one.reject_reason for one in (*images, near, other)] == ["Blurred"] * 4 + [None]
    assert patch(person, project, filter=filters, set=change)["changed"] == 0
    rejected = {"rejected": True}
    assert patch(person, project, filter=rejected, set={"reject_reason": "Dull"})["changed"] == 4
    assert patch(person, project, filter=filters, set={"rejected": False})["changed"] == 3
    session.expire_all()
    assert not any(one.rejected for one in (*images, near))


def test_one_call_changes_a_bounded_number(
    person: Person, session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "MOST_CHANGED", 4)
    factories.images(session, project, 9)
    answers: list[Any] = []
    while not answers or answers[-1]["remaining"]:
        answers.append(patch(person, project, filter={"valid": True}, set={"label": "cat"}))
    assert [one["changed"] for one in answers] == [4, 4, 1]
    count = select(func.count()).where(Image.label == "cat")
    assert session.scalar(count) == 9


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"set": {"label": "cat"}}, ""),
        ({"image_ids": [], "set": {"label": "cat"}}, "/image_ids"),
        ({"image_ids": ["x"], "set": {"label": "cat"}}, "/image_ids/0"),
        ({"filter": {}, "set": {"label": "cat"}}, "/filter"),
        ({"filter": {"colour": "red"}, "set": {"label": "cat"}}, "/filter/colour"),
        ({"filter": {"valid": True}, "set": {}}, "/set"),
        ({"filter": {"valid": True}, "set": {"sha256": "0"}}, "/set/sha256"),
        ({"filter": {"valid": True}}, "/set"),
        (
            {"filter": {"valid": True}, "set": {"rejected": False, "reject_reason": "Why"}},
            "/set/reject_reason",
        ),
    ],
)
def test_what_is_refused(
    person: Person, session: Session, project: Project, body: Any, pointer: str
) -> None:
    factories.images(session, project, 1)
    problem = patch(person, project, 422, **body)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert session.scalars(select(Image.label)).all() == [None]


def test_both_ways_to_choose_are_refused(person: Person, project: Project) -> None:
    body = {"image_ids": [str(new_id())], "filter": {"valid": True}, "set": {"label": "cat"}}
    assert patch(person, project, 422, **body)["errors"][0]["pointer"] == ""


def test_ids_of_other_projects_are_no_images_and_nothing_changes(
    system: System, person: Person, session: Session, project: Project
) -> None:
    mine = factories.image(session, project)
    elsewhere = factories.image(session, factories.project(session, person.id))
    theirs = factories.image(session, factories.project(session, system.person().id))
    ids = [str(one) for one in (mine.id, elsewhere.id, theirs.id, new_id())]
    problem = patch(person, project, 404, image_ids=ids, set={"label": "cat"})
    pointers = [error["pointer"] for error in problem["errors"]]
    assert pointers == ["/image_ids/1", "/image_ids/2", "/image_ids/3"]
    assert set(session.scalars(select(Image.label))) == {None}
