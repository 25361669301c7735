"""Deleting images, and what becomes of their objects and their duplicates."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.messaging.messages import ObjectsReleased
from shared.models import Image, ImageVariant, Project
from shared.services import services
from tests import factories
from tests.harness import Person, System

TWIN = {"is_duplicate": True, "image_hash": None}


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def delete(person: Person, *images: Image) -> None:
    for image in images:
        assert person.request("DELETE", f"/v1/images/{image.id}").status_code == 204


def load_left(session: Session, project: Project) -> dict[Any, Image]:
    session.expire_all()
    return {image.id: image for image in session.scalars(select(Image))}


def list_stored(project: Project) -> Sequence[str]:
    return [
        name
        for kind in ("images", "variants", "uploads")
        for name in services().storage.list_names(f"{kind}/{project.id}/")
    ]


def test_its_objects_go(system: System, person: Person, session: Session, project: Project) -> None:
    person.upload(project.id, factories.picture(), content_type="image/jpeg")
    system.uploaded(list_stored(project)[0])
    system.drain()
    assert len(list_stored(project)) == 2
    delete(person, session.scalars(select(Image)).one())
    assert person.get(f"/v1/projects/{project.id}/images")["items"] == []
    system.drain()
    assert list_stored(project) == []


def test_a_file_that_came_before_its_event(
    system: System, person: Person, session: Session, project: Project
) -> None:
    person.upload(project.id, factories.picture())
    (name,) = list_stored(project)
    delete(person, session.scalars(select(Image)).one())
    system.uploaded(name)
    system.drain(copies=2)
    assert list_stored(project) == []
    assert session.scalars(select(Image)).all() == []


def test_an_object_stays_while_a_duplicate_names_it(
    system: System, person: Person, session: Session, project: Project
) -> None:
    first = factories.store_image(session, project)
    twin = factories.image(session, project, sha256=first.sha256, file_path=first.file_path, **TWIN)
    delete(person, first)
    system.drain()
    assert list_stored(project) == [twin.file_path]
    delete(person, twin)
    system.drain()
    assert list_stored(project) == []


def test_the_oldest_copy_inherits(person: Person, session: Session, project: Project) -> None:
    first = factories.image(session, project)
    columns = {"sha256": first.sha256, "duplicate_of": first.id} | TWIN
    second, third = factories.images(session, project, 2, **columns)
    delete(person, first)
    images = load_left(session, project)
    assert not images[second.id].is_duplicate
    assert images[second.id].duplicate_of is None
    assert images[second.id].image_hash is not None
    assert images[third.id].is_duplicate
    assert images[third.id].duplicate_of == second.id
    assert images[third.id].image_hash is None


@pytest.mark.parametrize("dedup", ["exact", "perceptual"])
def test_the_heir_says_what_stands_first_in_the_list(
    person: Person, session: Session, project: Project, dedup: str
) -> None:
    """Copies came in another order than that of their list, as several workers bring them."""
    job = factories.crawl_job(session, project, options={"dedup": dedup, "max_distance": 8})
    first = factories.image(session, job, list_position=0, label="first", license="CC0")
    columns = {"sha256": first.sha256, "duplicate_of": first.id, "phash": first.phash} | TWIN
    third, second = (
        factories.image(session, job, list_position=place, label=f"place {place}", **columns)
        for place in (2, 1)
    )
    delete(person, first)
    images = load_left(session, project)
    heir, other = images[third.id], images[second.id]
    assert (heir.is_duplicate, other.duplicate_of) == (False, heir.id)
    assert (heir.list_position, heir.label, heir.license) == (1, "place 1", "CC0")
    assert (other.list_position, other.label) == (2, "place 2")


def test_a_copy_inherits_before_what_only_looks_alike(
    person: Person, session: Session, project: Project
) -> None:
    first = factories.image(session, project)
    alike = factories.image(session, project, is_duplicate=True, duplicate_of=first.id)
    alike_hash = alike.image_hash
    copy = factories.image(session, project, sha256=first.sha256, duplicate_of=first.id, **TWIN)
    delete(person, first)
    images = load_left(session, project)
    assert (images[copy.id].is_duplicate, images[alike.id].is_duplicate) == (False, True)
    assert images[alike.id].duplicate_of == copy.id
    delete(person, copy)
    (heir,) = load_left(session, project).values()
    assert (heir.is_duplicate, heir.duplicate_of, heir.image_hash) == (False, None, alike_hash)


def test_without_dedup_a_copy_takes_over_the_content(
    person: Person, session: Session, project: Project
) -> None:
    first = factories.image(session, project)
    image_hash = first.image_hash
    factories.image(session, project, sha256=first.sha256, image_hash=None)
    delete(person, first)
    (copy,) = load_left(session, project).values()
    assert (copy.image_hash, copy.is_duplicate) == (image_hash, False)


def test_a_duplicate_goes_without_a_trace(
    person: Person, session: Session, project: Project
) -> None:
    first = factories.image(session, project)
    image_hash = first.image_hash
    delete(
        person,
        factories.image(session, project, sha256=first.sha256, duplicate_of=first.id, **TWIN),
    )
    (original,) = load_left(session, project).values()
    assert (original.id, original.image_hash) == (first.id, image_hash)


def test_its_variants_are_let_go_with_it(
    system: System, person: Person, session: Session, project: Project
) -> None:
    image = factories.image(session, project)
    session.add(
        ImageVariant(image_id=image.id, name="a", object="v/a", width=1, height=1, file_size=1)
    )
    session.commit()
    path = image.file_path
    delete(person, image)
    (sent,) = system.mailbox.sent
    assert ObjectsReleased.model_validate(sent.body).names == [path, "v/a"]
