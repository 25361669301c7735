"""Images that are composed inside the bucket: the same bytes as those that are streamed."""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from google.api_core.exceptions import NotFound
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.models import Image
from shared.services import services
from shared.storage.bucket import Storage
from tests import factories
from tests.functions.exports.conftest import Dataset, Export, download
from tests.functions.exports.test_build_parts import objects, plan
from tests.harness import Person, System

KINDS: list[tuple[str, dict[str, Any]]] = [
    ("tar", {}),
    ("tar", {"layout": "webdataset"}),
    ("zip", {"layout": "coco", "splits": {"train": 0.5, "test": 0.5}}),
]


@pytest.fixture
def pictures(dataset: Dataset, session: Session) -> list[Image]:
    """Pictures with nothing beside them, all but the last three; more than one call composes."""
    extras = [*["none"] * 18, "metadata", "refused", None]
    return [factories.store_image(session, dataset.crawl, extras=one) for one in extras]


Watch = Callable[[int], list[str]]


@pytest.fixture
def compose_from(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Compose images from so many bytes on; return a list that gets the names of what is read."""
    reading, seen = Storage.read, list[str]()

    def watch(storage: Storage, name: str, **more: Any) -> bytes:
        seen.append(name)
        return reading(storage, name, **more)

    def begin(least: int) -> list[str]:
        settings = replace(services().settings, export_composed_bytes=least)
        monkeypatch.setitem(services().built, "settings", settings)
        seen.clear()
        return seen

    monkeypatch.setattr(Storage, "read", watch)
    return begin


def paths(images: list[Image]) -> set[str]:
    return {str(image.file_path) for image in images}


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_both_ways_make_the_same_file(
    system: System,
    person: Person,
    dataset: Dataset,
    pictures: list[Image],
    export: Export,
    compose_from: Watch,
    kind: str,
    options: dict[str, Any],
) -> None:
    """Also when every message comes twice."""
    read = compose_from(sys.maxsize)
    streamed = export(kind, **options)
    assert paths(pictures) <= set(read)
    read = compose_from(0)
    body = {"name": "composed", "format": kind, "options": options}
    job = person.post(f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs", body, 202)
    system.drain(copies=2)
    job = person.get(f"/v1/export-jobs/{job['id']}")
    assert paths(pictures) & set(read) == paths(pictures[18:])
    assert job["sha256"] == streamed["sha256"]
    assert download(job) == download(streamed)
    (left,) = objects(job["id"])
    assert left.endswith(f"/composed.{kind}")


def test_metadata_is_kept_without_reading_it(
    pictures: list[Image], export: Export, compose_from: Watch
) -> None:
    compose_from(sys.maxsize)
    streamed = export("zip", keep_metadata=True)
    read = compose_from(0)
    composed = export("zip", keep_metadata=True)
    assert download(composed) == download(streamed)
    assert paths(pictures) & set(read) == paths(pictures[19:])


@pytest.mark.parametrize(
    "options",
    [
        {"resize": {"width": 8, "height": 8}},
        {"layout": "huggingface"},
        {"layout": "webdataset", "shard_bytes": 1024 * 1024},
    ],
)
def test_what_is_changed_or_hashed_is_read(
    pictures: list[Image], export: Export, compose_from: Watch, options: dict[str, Any]
) -> None:
    """A sample in a shard has a SHA-256 in the index."""
    read = compose_from(0)
    job = export("tar", **options)
    assert job["status"] == "completed"
    assert paths(pictures) <= set(read)


def test_only_large_images_of_the_usual_class_are_composed(
    pictures: list[Image], export: Export, compose_from: Watch, session: Session
) -> None:
    """Old images are of another class, which is not composed with others; sizes have to agree."""
    small, cold, other = pictures[:3]
    bucket = services().storage._bucket  # noqa: SLF001
    blob = bucket.blob(cold.file_path)
    data = blob.download_as_bytes()
    blob.delete()
    blob.storage_class = "NEARLINE"
    blob.upload_from_string(data, content_type="image/jpeg")
    sizes = sorted(image.file_size or 0 for image in pictures)
    session.execute(update(Image).where(Image.id == small.id).values(file_size=1))
    session.execute(update(Image).where(Image.id == other.id).values(file_size=sizes[-1] + 1))
    session.commit()
    read = compose_from(sizes[0])
    job = export("tar")
    assert job["status"] == "completed"
    assert paths(pictures) & set(read) == paths([small, cold, other, *pictures[18:]])


@pytest.fixture
def begun(
    person: Person, system: System, dataset: Dataset, pictures: list[Image], compose_from: Watch
) -> str:
    """Return an export of which the one part waits; its id."""
    compose_from(0)
    body = {"name": "e", "format": "tar"}
    job = person.post(f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs", body, 202)
    plan(system)
    return str(job["id"])


def test_a_call_that_dies_while_it_composes_is_done_again(
    system: System,
    person: Person,
    begun: str,
    export: Export,
    compose_from: Watch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After some of the part was composed; what it leaves goes with the parts."""
    (event,) = system.mailbox.take()
    compose = Storage.compose

    def die(storage: Storage, name: str, *given: Any) -> None:
        compose(storage, name, *given)
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "compose", die)
        assert system.deliver(event) == [500]
    assert len(objects(begun)) > 2  # what was composed, and pieces
    assert system.deliver(event, attempt=2) == [204]
    system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    assert len(objects(begun)) == 1
    compose_from(sys.maxsize)
    assert download(job) == download(export("tar"))


def test_an_image_whose_object_vanishes_after_it_was_found(
    system: System,
    person: Person,
    session: Session,
    begun: str,
    pictures: list[Image],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The call fails, and the next one names it as it does where images are read."""
    (event,) = system.mailbox.take()
    compose, lost = Storage.compose, pictures[0]
    blob = services().storage._bucket.blob(lost.file_path)  # noqa: SLF001

    def vanish(storage: Storage, *given: Any) -> None:
        with suppress(NotFound):  # by the call beside it
            blob.delete()
        compose(storage, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "compose", vanish)
        assert system.deliver(event) == [500]
    assert system.deliver(event, attempt=2) == [204]
    system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    assert (job["status"], job["failed_images"]) == ("completed", 1)
    assert [(one["image_id"], one["reason"]) for one in job["failures"]] == [
        (str(lost.id), "missing")
    ]
    assert len(objects(begun)) == 1


def test_an_image_that_is_deleted_after_it_was_planned(
    system: System, person: Person, begun: str, pictures: list[Image], session: Session
) -> None:
    person.request("DELETE", f"/v1/images/{pictures[3].id}")
    system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    download(job)
    left = session.scalar(select(Image.id).where(Image.id == pictures[3].id))
    assert (left, job["exported_images"], job["failed_images"]) == (None, 23, 0)


def test_a_version_is_composed_too(
    system: System,
    person: Person,
    session: Session,
    dataset: Dataset,
    pictures: list[Image],
    export: Export,
    compose_from: Watch,
) -> None:
    path = f"/v1/projects/{dataset.crawl.project_id}/versions"
    version = person.post(path, {"name": "v1"}, 202)
    system.drain()
    compose_from(sys.maxsize)
    streamed = export("zip", path=f"/v1/versions/{version['id']}")
    read = compose_from(0)
    composed = export("zip", path=f"/v1/versions/{version['id']}")
    assert download(composed) == download(streamed)
    assert paths(pictures) & set(read) == paths(pictures[18:])
