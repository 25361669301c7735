"""Changing what people say about an image."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.models import Image, Project
from tests import factories
from tests.harness import Person, expect


@pytest.fixture
def image(person: Person, session: Session) -> Image:
    return factories.image(session, factories.project(session, person.id), label="cat")


def test_only_what_is_sent_changes(person: Person, image: Image) -> None:
    path = f"/v1/images/{image.id}"
    changed = expect(person.request("PATCH", path, {"caption": "on a mat\nasleep"}), 200)
    assert (changed["label"], changed["caption"]) == ("cat", "on a mat\nasleep")
    changed = expect(person.request("PATCH", path, {"label": None}), 200)
    assert (changed["label"], changed["caption"]) == (None, "on a mat\nasleep")
    assert changed["updated_at"] > changed["created_at"]
    assert expect(person.request("PATCH", path, {}), 200)["caption"] == "on a mat\nasleep"


@pytest.mark.parametrize(
    "change",
    [{"label": ""}, {"label": 5}, {"label": "x" * 201}, {"sha256": "0" * 64}, {"is_valid": True}],
)
def test_nothing_else_can_be_changed(
    person: Person, image: Image, change: dict[str, object]
) -> None:
    problem = expect(person.request("PATCH", f"/v1/images/{image.id}", change), 422)
    assert [error["pointer"] for error in problem["errors"]] == [f"/{next(iter(change))}"]
    assert person.get(f"/v1/images/{image.id}")["label"] == "cat"


def patch(person: Person, image: Image, status: int = 200, **change: Any) -> Any:
    return expect(person.request("PATCH", f"/v1/images/{image.id}", change), status)


def rejections(person: Person, *images: Image) -> list[tuple[bool, str | None, str | None]]:
    shown = [person.get(f"/v1/images/{image.id}") for image in images]
    return [(one["rejected"], one["reject_reason"], one["rejected_with"]) for one in shown]


ACCEPTED = (False, None, None)


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def test_a_rejection_takes_equal_and_similar_images_along(
    person: Person, session: Session, project: Project
) -> None:
    image = factories.image(session, project, phash=0)
    copy = factories.image(
        session, project, sha256=image.sha256, image_hash=None, phash=0, is_duplicate=True
    )
    near = factories.image(session, project, phash=0b1111)
    far = factories.image(session, project, phash=0b11111)
    elsewhere = factories.image(session, factories.project(session, person.id), phash=0)
    shown = patch(person, image, rejected=True, reject_reason="A watermark")
    assert (shown["rejected"], shown["reject_reason"]) == (True, "A watermark")
    with_it = (True, "A watermark", str(image.id))
    everything = (image, copy, near, far, elsewhere)
    assert rejections(person, *everything) == [
        (True, "A watermark", None),
        with_it,
        with_it,
        ACCEPTED,
        ACCEPTED,
    ]
    listed = person.get(f"/v1/projects/{project.id}/images?rejected=true")["items"]
    assert {one["id"] for one in listed} == {str(one.id) for one in (image, copy, near)}
    patch(person, image, rejected=False)
    assert rejections(person, *everything) == [ACCEPTED] * 5


def test_what_looks_like_two_rejected_images_stays_until_both_are_taken_back(
    person: Person, session: Session, project: Project
) -> None:
    one, other = (factories.image(session, project, phash=value) for value in (0, 0b111111))
    between = factories.image(session, project, phash=0b111)
    patch(person, one, rejected=True)
    patch(person, other, rejected=True)
    patch(person, one, rejected=False)
    assert rejections(person, one, between) == [ACCEPTED, (True, None, str(other.id))]
    patch(person, other, rejected=False)
    assert rejections(person, one, other, between) == [ACCEPTED] * 3


def test_what_was_rejected_along_is_taken_back_alone(
    person: Person, session: Session, project: Project
) -> None:
    image = factories.image(session, project, phash=0)
    near = factories.image(session, project, phash=1)
    patch(person, image, rejected=True)
    patch(person, near, rejected=False)
    assert rejections(person, image, near) == [(True, None, None), ACCEPTED]


def test_a_rejection_of_a_copy_is_one_of_the_content(
    person: Person, session: Session, project: Project
) -> None:
    image = factories.image(session, project)
    copy = factories.image(
        session,
        project,
        sha256=image.sha256,
        image_hash=None,
        phash=image.phash,
        is_duplicate=True,
        duplicate_of=image.id,
    )
    patch(person, copy, rejected=True)
    assert rejections(person, image) == [(True, None, str(copy.id))]
    patch(person, image, rejected=False)
    assert rejections(person, image, copy) == [ACCEPTED] * 2


def test_a_reason_is_that_of_a_rejection(
    person: Person, session: Session, project: Project
) -> None:
    image = factories.image(session, project)
    for change in ({"reject_reason": "Why"}, {"rejected": False, "reject_reason": "Why"}):
        problem = patch(person, image, 422, **change)
        assert [error["pointer"] for error in problem["errors"]] == ["/reject_reason"]
    patch(person, image, rejected=True)
    assert patch(person, image, reject_reason="Why")["reject_reason"] == "Why"
    assert patch(person, image, reject_reason=None)["reject_reason"] is None
    assert rejections(person, image) == [(True, None, None)]


def test_what_looks_alike_takes_the_place_of_a_rejected_original(
    person: Person, session: Session, project: Project
) -> None:
    """The image looks like the original, and not enough like the one that is rejected."""
    options = {"dedup": "perceptual", "max_distance": 4}
    factories.crawl_job(session, project, options=options)
    original = factories.image(session, project, phash=0, width=2000)
    rejected = factories.image(
        session, project, phash=0b1111, is_duplicate=True, duplicate_of=original.id
    )
    alike = factories.image(
        session, project, phash=0b11110000, is_duplicate=True, duplicate_of=original.id
    )
    patch(person, rejected, rejected=True)
    session.expire_all()
    assert (original.rejected, alike.rejected) == (True, False)
    assert (alike.is_duplicate, alike.duplicate_of) == (False, None)
    patch(person, rejected, rejected=False)
    session.expire_all()
    assert (original.is_duplicate, alike.is_duplicate) == (False, True)
    assert alike.duplicate_of == original.id


def test_a_deleted_image_leaves_what_was_rejected_with_it(
    person: Person, session: Session, project: Project
) -> None:
    image = factories.image(session, project, phash=0)
    near = factories.image(session, project, phash=1)
    patch(person, image, rejected=True, reject_reason="Why")
    assert person.request("DELETE", f"/v1/images/{image.id}").status_code == 204
    assert rejections(person, near) == [(True, "Why", None)]
