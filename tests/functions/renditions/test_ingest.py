"""From an uploaded file to an image."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Image, JobStats, Project
from shared.models.base import new_id
from shared.services import services
from shared.storage.bucket import Storage
from shared.storage.writer import ObjectVanishedError
from tests import factories
from tests.harness import Person, System, in_parallel


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


def names(project: Project, kind: str) -> list[str]:
    return services().storage.list_names(f"{kind}/{project.id}/")


def upload(system: System, person: Person, project: Project, data: bytes, **about: Any) -> str:
    """Upload a file, whose event then waits; return the object's name."""
    image_id = person.upload(project.id, data, **about)["image_id"]
    name = f"uploads/{project.id}/{image_id}"
    system.uploaded(name)
    return name


def load_only_image(session: Session) -> Image:
    session.expire_all()
    return session.scalars(select(Image)).one()


@pytest.mark.parametrize("copies", [1, 2])
def test_a_picture_becomes_an_image(
    system: System, person: Person, session: Session, project: Project, copies: int
) -> None:
    data = factories.picture(1, (640, 480), "PNG")
    upload(system, person, project, data, content_type="image/jpeg", file_name="a.jpg", label="cat")
    system.drain(copies=copies)
    assert set(system.statuses) == {204}
    image = load_only_image(session)
    shown = person.get(f"/v1/images/{image.id}")
    assert (shown["status"], shown["label"], shown["file_name"]) == ("completed", "cat", "a.jpg")
    # What the bytes are counts, not what the client called them.
    assert (shown["format"], shown["mime_type"]) == ("png", "image/png")
    assert (shown["width"], shown["height"], shown["file_size"]) == (640, 480, len(data))
    assert shown["sha256"] == hashlib.sha256(data).hexdigest()
    assert len(shown["phash"]) == 16
    assert (shown["is_valid"], shown["is_duplicate"]) == (True, False)
    assert None not in (image.sharpness, image.brightness, image.uniformity, image.frames)
    (variant,) = shown["variants"]
    assert (variant["name"], variant["width"], variant["height"]) == ("thumbnail", 256, 192)
    assert services().storage.read(image.file_path or "") == data
    assert names(project, "variants") == [shown["processed_path"]]
    assert names(project, "uploads") == []
    # The thumbnail is made already, so nothing is asked of the bundle's larger function.
    assert "variants-requested" not in system.mailbox.topics()


def test_every_attempt_is_on_record(system: System, person: Person, project: Project) -> None:
    upload(system, person, project, factories.picture())
    system.drain()
    image_id = person.get(f"/v1/projects/{project.id}/images")["items"][0]["id"]
    (attempt,) = person.get(f"/v1/job-stats?image_id={image_id}")["items"]
    assert (attempt["operation"], attempt["status"]) == ("renditions_ingest", "completed")
    assert attempt["duration_ms"] > 0


def test_the_same_event_published_twice(
    system: System, person: Person, session: Session, project: Project
) -> None:
    name = upload(system, person, project, factories.picture())
    again = system.uploaded(name)
    system.drain()
    system.mailbox.waiting.append(again)
    system.drain()
    assert load_only_image(session).status == "completed"
    assert len(names(project, "images")) == len(names(project, "variants")) == 1


def test_the_same_event_at_the_same_time(
    system: System, person: Person, session: Session, project: Project
) -> None:
    name = upload(system, person, project, factories.picture())
    events = [*system.mailbox.take(), *(system.uploaded(name) for _ in range(3))]
    system.mailbox.take()
    in_parallel([lambda event=event: system.deliver(event) for event in events])
    system.drain()
    assert set(system.statuses) == {204}
    assert load_only_image(session).status == "completed"
    assert len(names(project, "images")) == 1
    assert names(project, "uploads") == []


def test_the_same_content_again_is_a_duplicate(
    system: System, person: Person, session: Session, project: Project
) -> None:
    for _ in range(3):
        upload(system, person, project, factories.picture())
        system.drain()
    first, *others = session.scalars(select(Image).order_by(Image.id)).all()
    assert (first.is_duplicate, first.image_hash is not None) == (False, True)
    for image in others:
        assert (image.is_duplicate, image.duplicate_of) == (True, first.id)
        assert (image.image_hash, image.file_path) == (None, first.file_path)
    assert len(names(project, "images")) == 1


def test_the_same_content_at_the_same_time(
    system: System, person: Person, session: Session, project: Project
) -> None:
    for _ in range(4):
        upload(system, person, project, factories.picture())
    in_parallel([lambda event=event: system.deliver(event) for event in system.mailbox.take()])
    system.drain()
    assert set(system.statuses) == {204}
    images = session.scalars(select(Image)).all()
    (first,) = [image for image in images if not image.is_duplicate]
    assert {image.duplicate_of for image in images} == {None, first.id}


def test_a_duplicate_of_what_looks_alike_is_one_of_the_original(
    system: System, person: Person, session: Session, project: Project
) -> None:
    original = factories.image(session, project)
    alike = factories.store_image(
        session, project, data=factories.picture(), is_duplicate=True, duplicate_of=original.id
    )
    upload(system, person, project, factories.picture())
    system.drain()
    latest = session.scalars(select(Image).order_by(Image.id.desc())).first()
    assert latest is not None
    assert latest.sha256 == alike.sha256
    assert latest.duplicate_of == original.id


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (factories.picture(1, (640, 480))[:-400], "truncated"),
        (b"<html>no image</html>", "not_an_image"),
        (b"%PDF-1.7 and so on", "not_an_image"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, ""),
        (b"GIF89a\xff\xff\xff\xff" + b"\0" * 20, ""),
    ],
)
def test_a_file_that_is_no_image_fails_with_its_reason(
    system: System, person: Person, session: Session, project: Project, data: bytes, reason: str
) -> None:
    upload(system, person, project, data)
    system.drain(copies=2)
    assert set(system.statuses) == {204}
    (shown,) = person.get(f"/v1/projects/{project.id}/images?status=failed&valid=false")["items"]
    assert shown["failure_reason"].startswith(reason)
    assert len(shown["failure_reason"]) > 10
    assert names(project, "images") == names(project, "uploads") == []
    (attempt,) = session.scalars(select(JobStats)).all()
    assert (attempt.status, attempt.error) == ("failed", shown["failure_reason"])


def test_a_row_that_was_deleted_before_the_event(
    system: System, person: Person, session: Session, project: Project
) -> None:
    upload(system, person, project, factories.picture())
    session.delete(load_only_image(session))
    session.commit()
    system.drain()
    assert names(project, "uploads") == names(project, "images") == []


def test_a_row_that_is_deleted_while_its_file_is_read(
    system: System,
    person: Person,
    session: Session,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upload(system, person, project, factories.picture())
    read = Storage.read

    def meanwhile(storage: Storage, name: str, **more: Any) -> bytes:
        assert person.request("DELETE", f"/v1/projects/{project.id}").status_code == 204
        return read(storage, name, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "read", meanwhile)
        system.deliver(system.mailbox.take()[0])
    system.drain()
    for kind in ("images", "variants", "uploads"):
        assert names(project, kind) == []


def test_a_second_file_at_the_same_address_is_not_kept(
    system: System, person: Person, session: Session, project: Project
) -> None:
    name = upload(system, person, project, factories.picture())
    system.drain()
    services().storage.put_once(name, b"another file", "image/jpeg")
    system.uploaded(name)
    system.drain()
    assert names(project, "uploads") == []
    assert load_only_image(session).status == "completed"


@pytest.mark.parametrize(
    "name",
    [
        "uploads/x",
        "uploads/{project}/{image}/more",
        "uploads/{other}/{image}",
        "uploads/{project}/not-an-id-but-of-the-same-length-as1",
        "uploads/../{project}/{image}",
    ],
)
def test_a_name_that_we_did_not_give_changes_nothing(
    system: System, person: Person, session: Session, project: Project, name: str
) -> None:
    upload = person.post(
        f"/v1/projects/{project.id}/uploads",
        {"file_name": "a", "content_type": "image/png", "size": 3},
    )
    name = name.format(project=project.id, image=upload["image_id"], other=new_id())
    bucket = services().settings.bucket
    system.bucket_event({"bucket": bucket, "name": name, "generation": "1", "size": "3"})
    system.drain()
    assert set(system.statuses) == {204}
    assert load_only_image(session).status == "processing"


def test_trouble_with_the_bucket_is_tried_again(
    system: System,
    person: Person,
    session: Session,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def down(*_: Any) -> bool:
        raise ConnectionError("storage is down")

    upload(system, person, project, factories.picture())
    (event,) = system.mailbox.take()
    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put_once", down)
        assert system.deliver(event) == [500]
    assert load_only_image(session).status == "processing"
    assert system.deliver(event, attempt=2) == [204]
    assert load_only_image(session).status == "completed"
    attempts = session.scalars(select(JobStats.status).order_by(JobStats.id)).all()
    assert attempts == ["failed", "completed"]


def test_an_object_that_is_being_removed_is_not_named(
    system: System,
    person: Person,
    session: Session,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The object of a deleted image is found in the bucket, and removed before it has its row."""
    data = factories.picture()
    old = factories.store_image(session, project, data=data)
    person.request("DELETE", f"/v1/images/{old.id}")
    (removal,) = system.mailbox.take()
    upload(system, person, project, data)
    (event,) = system.mailbox.take()
    put_once = Storage.put_once

    def then_it_goes(storage: Storage, *given: Any, **more: Any) -> bool:
        made = put_once(storage, *given, **more)
        if not made:
            system.deliver(removal)
        return made

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put_once", then_it_goes)
        assert system.deliver(event) == [500]
    assert system.deliver(event, attempt=2) == [204]
    assert services().storage.read(load_only_image(session).file_path or "") == data
    assert ObjectVanishedError.__name__ in str(session.scalars(select(JobStats.error)).all())
