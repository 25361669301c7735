"""Renditions of stored images."""

import io
from typing import Any

import pytest
from PIL import Image as Pillow
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.messaging.messages import VariantsRequested
from shared.models import Image, ImageVariant, Project
from shared.services import services
from shared.storage.bucket import Storage
from tests import factories
from tests.harness import Person, System, in_parallel

SMALL: dict[str, Any] = {"name": "small", "width": 32, "height": 32, "format": "webp"}


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def ask(system: System, *images: Image, variants: list[dict[str, Any]]) -> None:
    system.send(
        VariantsRequested(
            project_id=images[0].project_id,
            image_ids=[image.id for image in images],
            variants=variants,
        )
    )


def variants(session: Session) -> list[ImageVariant]:
    session.expire_all()
    return list(session.scalars(select(ImageVariant).order_by(ImageVariant.object)))


def objects(project: Project) -> list[str]:
    return services().storage.list_names(f"variants/{project.id}/")


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        ({"width": 32, "height": 32, "format": "jpeg"}, (32, 24)),
        ({"width": 32, "height": 32, "fit": "cover", "format": "webp"}, (32, 32)),
        ({"width": 50, "height": 10, "fit": "fill", "format": "avif"}, (50, 10)),
        ({"height": 12, "format": "png"}, (16, 12)),
        ({"width": 4000, "height": 4000, "format": "png"}, (64, 48)),
        ({"width": 4000, "height": 4000, "fit": "cover", "format": "png"}, (48, 48)),
    ],
)
def test_size_and_format(
    system: System,
    session: Session,
    project: Project,
    wanted: dict[str, Any],
    size: tuple[int, int],
) -> None:
    image = factories.store_image(session, project, data=factories.picture(1, (64, 48)))
    ask(system, image, variants=[{"name": "v"} | wanted])
    system.drain()
    (variant,) = variants(session)
    data = services().storage.read(variant.object)
    picture = Pillow.open(io.BytesIO(data))
    assert picture.size == (variant.width, variant.height) == size
    assert (picture.format or "").lower() == wanted["format"]
    assert variant.file_size == len(data)


def test_every_delivery_ends_the_same(system: System, session: Session, project: Project) -> None:
    images = [factories.store_image(session, project) for _ in range(3)]
    ask(system, *images, variants=[SMALL, SMALL | {"name": "other", "format": "png"}])
    (event,) = system.mailbox.take()
    in_parallel([lambda: system.deliver(event) for _ in range(3)])
    system.drain(copies=2)
    assert set(system.statuses) == {204}
    assert len(variants(session)) == 6
    assert objects(project) == [variant.object for variant in variants(session)]


def test_the_same_again_is_no_change(system: System, session: Session, project: Project) -> None:
    image = factories.store_image(session, project)
    for _ in range(2):
        ask(system, image, variants=[SMALL])
        system.drain()
    assert objects(project) == [variants(session)[0].object]
    assert "objects-released" not in system.mailbox.topics()


def test_a_changed_specification_replaces_the_old_rendition(
    system: System, session: Session, project: Project
) -> None:
    image = factories.store_image(session, project)
    for width in (32, 16):
        ask(system, image, variants=[SMALL | {"width": width}])
        system.drain()
    (variant,) = variants(session)
    assert (variant.width, variant.spec["width"]) == (16, 16)
    assert objects(project) == [variant.object]


def test_changes_at_the_same_time_leave_one_object(
    system: System, session: Session, project: Project
) -> None:
    image = factories.store_image(session, project)
    for width in (8, 16, 24, 32):
        ask(system, image, variants=[SMALL | {"width": width}])
    in_parallel([lambda event=event: system.deliver(event) for event in system.mailbox.take()])
    system.drain()
    assert objects(project) == [variant.object for variant in variants(session)]


def test_duplicates_share_an_object(system: System, session: Session, project: Project) -> None:
    first = factories.store_image(session, project)
    twin = factories.image(
        session,
        project,
        sha256=first.sha256,
        file_path=first.file_path,
        image_hash=None,
        is_duplicate=True,
        duplicate_of=first.id,
    )
    ask(system, first, twin, variants=[SMALL])
    system.drain()
    assert len(variants(session)) == 2
    ask(system, first, variants=[SMALL | {"width": 16}])
    system.drain()
    assert sorted(variant.width for variant in variants(session)) == [16, 32]
    assert len(objects(project)) == 2


def test_a_new_thumbnail_is_the_processed_version(
    system: System, session: Session, project: Project
) -> None:
    image = factories.store_image(session, project)
    ask(system, image, variants=[SMALL | {"name": "thumbnail"}])
    system.drain()
    session.refresh(image)
    assert image.processed_path == variants(session)[0].object


def test_what_cannot_be_read_does_not_keep_the_others(
    system: System, session: Session, project: Project
) -> None:
    gone = factories.image(session, project)
    waiting = factories.image(session, project, status="processing")
    there = factories.store_image(session, project)
    ask(system, gone, waiting, there, variants=[SMALL])
    system.drain()
    assert [variant.image_id for variant in variants(session)] == [there.id]


def test_images_of_another_project_are_left_alone(
    system: System, person: Person, session: Session, project: Project
) -> None:
    image = factories.store_image(session, project)
    other = factories.project(session, person.id)
    system.send(VariantsRequested(project_id=other.id, image_ids=[image.id], variants=[SMALL]))
    system.drain()
    assert variants(session) == []


def test_an_image_that_is_deleted_meanwhile(
    system: System,
    person: Person,
    session: Session,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = factories.store_image(session, project)
    ask(system, image, variants=[SMALL])
    put_once = Storage.put_once

    def meanwhile(storage: Storage, *given: Any, **more: Any) -> bool:
        made = put_once(storage, *given, **more)
        person.request("DELETE", f"/v1/images/{image.id}")
        return made

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put_once", meanwhile)
        system.deliver(system.mailbox.take()[0])
    system.drain()
    assert objects(project) == services().storage.list_names(f"images/{project.id}/") == []


def test_a_rendition_that_is_being_removed_is_made_again(
    system: System, session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = factories.store_image(session, project)
    ask(system, image, variants=[SMALL])
    system.drain()
    ask(system, image, variants=[SMALL | {"width": 16}])
    system.deliver(system.mailbox.take()[0])  # the removal of the first one waits
    removal = next(one for one in system.mailbox.take() if one.topic == "objects-released")
    ask(system, image, variants=[SMALL])
    put_once = Storage.put_once

    def then_it_goes(storage: Storage, *given: Any, **more: Any) -> bool:
        made = put_once(storage, *given, **more)
        if not made:
            system.deliver(removal)
        return made

    (event,) = system.mailbox.take()
    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put_once", then_it_goes)
        assert system.deliver(event) == [500]
    assert system.deliver(event) == [204]
    system.drain()
    assert objects(project) == [variant.object for variant in variants(session)]
    assert variants(session)[0].width == 32
