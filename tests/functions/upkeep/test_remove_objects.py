"""Deleting objects that nobody names."""

import time

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from shared.messaging.messages import ObjectsReleased
from shared.models import ImageVariant, Project
from shared.models.base import new_id
from shared.services import services
from shared.storage.names import name_image, name_variant
from tests import factories
from tests.harness import Person, System, in_parallel


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def put(*names: str) -> list[str]:
    for name in names:
        services().storage.put_once(name, b"x", "image/jpeg")
    return list(names)


def list_left(prefix: str) -> set[str]:
    return set(services().storage.list_names(prefix))


def release(system: System, project: Project, names: list[str], *prefixes: str) -> None:
    system.send(ObjectsReleased(project_id=project.id, names=names, prefixes=list(prefixes)))
    system.drain()


def test_what_a_row_names_stays(system: System, session: Session, project: Project) -> None:
    image = factories.store_image(session, project)
    digest = image.sha256 or ""
    named = name_variant(project.id, digest, "a", "0" * 12, "png")
    session.add(
        ImageVariant(image_id=image.id, name="a", object=named, width=1, height=1, file_size=1)
    )
    session.commit()
    released = put(
        named,
        name_variant(project.id, digest, "a", "1" * 12, "png"),
        name_image(project.id, "f" * 64, "jpg"),
        f"uploads/{project.id}/{new_id()}",
    )
    release(system, project, [image.file_path or "", *released])
    assert list_left(f"images/{project.id}/") == {image.file_path}
    assert list_left(f"variants/{project.id}/") == {named}
    assert list_left(f"uploads/{project.id}/") == set()


def test_what_is_gone_already_does_not_matter(system: System, project: Project) -> None:
    release(system, project, [name_image(project.id, "a" * 64, "jpg")], f"images/{new_id()}/")
    assert system.statuses == [204]


def test_large_prefixes_and_long_lists_go_on_by_messages(
    system: System, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.upkeep.remove_objects.BATCH", 3)
    for folder in ("a", "b"):
        put(*(f"exports/{project.id}/{folder}/{n}" for n in range(4)))
    names = put(*(f"uploads/{project.id}/{n}" for n in range(7)))
    kept = put(f"exports/{project.id}/c/1")
    release(
        system,
        project,
        names,
        f"exports/{project.id}/a/",
        f"exports/{project.id}/none/",
        f"exports/{project.id}/b/",
    )
    assert list_left(f"exports/{project.id}/") == set(kept)
    assert list_left(f"uploads/{project.id}/") == set()
    assert 3 <= len(system.mailbox.sent) <= 5


def test_a_project_that_is_gone(system: System, session: Session, project: Project) -> None:
    names = put(name_image(project.id, "a" * 64, "jpg"))
    session.delete(project)
    session.commit()
    release(system, project, names)
    assert list_left(f"images/{project.id}/") == set()


def somebody_waits(engine: Engine) -> bool:
    """Return whether a removal waits for a lock on a project."""
    with engine.connect() as connection:
        waiting = connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND query LIKE '%projects%FOR UPDATE%'"
            )
        )
    return bool(waiting)


def test_it_waits_for_who_is_writing_a_row(
    system: System, session: Session, engine: Engine, project: Project
) -> None:
    """A row that comes while the removal runs keeps its object."""
    image = factories.image_row(session, project)
    put(image.file_path or "")
    session.add(image)
    session.flush()  # names the object, but nobody can see it yet

    def commit() -> None:
        deadline = time.monotonic() + 30
        while not somebody_waits(engine):
            assert time.monotonic() < deadline
        session.commit()

    system.send(ObjectsReleased(project_id=project.id, names=[image.file_path or ""]))
    in_parallel([system.drain, commit])
    assert system.statuses == [204]
    assert list_left(f"images/{project.id}/") == {image.file_path}
