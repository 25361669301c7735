"""Exports in several parts, built by calls that die, repeat and overtake each other."""

import io
import tarfile
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.exports.archives import ArchiveWriter
from shared.messaging.messages import ExportRequested
from shared.models import JobStats
from shared.services import services
from tests.functions.exports.conftest import Dataset, Export, download
from tests.harness import Person, System, in_parallel


@pytest.fixture
def tiny_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts end after each image."""
    settings = replace(services().settings, export_part_bytes=1)
    monkeypatch.setitem(services().built, "settings", settings)


@pytest.fixture
def begun(person: Person, dataset: Dataset) -> str:
    """Return an export whose first message waits; its id."""
    body = {"name": "e", "format": "zip"}
    job = person.post(f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs", body, 202)
    return str(job["id"])


def objects(job_id: str) -> list[str]:
    return services().storage.list_names(f"exports/{job_id}/")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("zip", {"splits": {"train": 0.5, "test": 0.5}}),
        ("tar", {"layout": "webdataset"}),
        ("tar", {"layout": "webdataset", "splits": {"train": 0.5, "test": 0.5}}),
        ("zip", {"layout": "coco"}),
        ("csv", {}),
        ("json", {}),
        ("parquet", {}),
    ],
)
def test_parts_make_the_same_file(
    system: System,
    person: Person,
    export: Export,
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    options: dict[str, Any],
) -> None:
    """Also when every message comes twice."""
    whole = export(kind, **options)
    system.mailbox.sent.clear()
    settings = replace(services().settings, export_part_bytes=1, export_gathered_bytes=1)
    monkeypatch.setitem(services().built, "settings", settings)
    body = {"name": "in parts", "format": kind, "options": options}
    job = person.post(f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs", body, 202)
    system.drain(copies=2)
    job = person.get(f"/v1/export-jobs/{job['id']}")
    assert system.mailbox.topics().count("export-requested") == 4
    assert job["sha256"] == whole["sha256"]
    assert download(job) == download(whole)
    assert job["exported_images"] == 3
    (left,) = objects(job["id"])  # the file, without its parts
    assert "/joined/in-parts." in left


def test_progress_is_shown(system: System, person: Person, begun: str, tiny_parts: None) -> None:
    seen = []
    while waiting := system.mailbox.take():
        for one in waiting:
            system.deliver(one)
        job = person.get(f"/v1/export-jobs/{begun}")
        seen.append((job["status"], job["exported_images"], job["progress"], job["total_images"]))
    assert seen[:4] == [
        ("running", 1, 33, 3),
        ("running", 2, 66, 3),
        ("running", 3, 99, 3),
        ("completed", 3, 100, 3),
    ]


def test_progress_is_shown_within_a_part(
    system: System,
    person: Person,
    begun: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = replace(services().settings, export_report_every=0)
    monkeypatch.setitem(services().built, "settings", settings)
    add, seen = ArchiveWriter.add, []

    def look(writer: ArchiveWriter, *given: Any) -> None:
        seen.append(person.get(f"/v1/export-jobs/{begun}")["exported_images"])
        add(writer, *given)

    monkeypatch.setattr(ArchiveWriter, "add", look)
    system.drain()
    assert seen == [0, 1, 2]


def test_a_call_that_dies_is_done_again(
    system: System,
    person: Person,
    session: Session,
    begun: str,
    tiny_parts: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In its second part, after an image has been written."""
    system.deliver(system.mailbox.take()[0])
    (event,) = system.mailbox.take()
    with monkeypatch.context() as patch:
        patch.setattr("functions.exports.build.pause_part", _killed)
        assert system.deliver(event) == [500]
    job = person.get(f"/v1/export-jobs/{begun}")
    assert (job["status"], job["exported_images"]) == ("running", 1)
    assert system.deliver(event, attempt=2) == [204]
    system.drain()
    download(person.get(f"/v1/export-jobs/{begun}"))
    attempts = session.scalars(select(JobStats.status).order_by(JobStats.id)).all()
    assert attempts.count("failed") == 1


def test_a_call_that_dies_while_it_writes_leaves_no_object(
    system: System, person: Person, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (event,) = system.mailbox.take()
    with monkeypatch.context() as patch:
        patch.setattr(ArchiveWriter, "finish", _killed)
        assert system.deliver(event) == [500]
    assert objects(begun) == []
    assert system.deliver(event, attempt=2) == [204]
    system.drain()
    download(person.get(f"/v1/export-jobs/{begun}"))


def test_calls_that_overtake_each_other(
    system: System, person: Person, begun: str, tiny_parts: None
) -> None:
    """Each part is built by three calls at once, of which one counts."""
    for part in range(4):
        for _ in range(2):
            system.send(ExportRequested(export_job_id=UUID(begun), part=part))
        events = system.mailbox.take()
        in_parallel([lambda event=event: system.deliver(event) for event in events])
    system.drain()
    assert set(system.statuses) == {204}
    job = person.get(f"/v1/export-jobs/{begun}")
    download(job)
    assert job["exported_images"] == 3
    assert system.mailbox.topics().count("export-completed") == 1
    assert len(objects(begun)) == 1


def test_one_that_comes_too_late_does_not_replace_the_file(
    system: System, person: Person, dataset: Dataset, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slower of two calls has written a dataset that has changed since."""
    (event,) = system.mailbox.take()
    finish = ArchiveWriter.finish

    def overtaken(writer: ArchiveWriter, *given: Any) -> None:
        monkeypatch.setattr(ArchiveWriter, "finish", finish)
        person.request("DELETE", f"/v1/images/{dataset.images['dog'].id}")
        system.send(ExportRequested(export_job_id=UUID(begun)))
        system.drain()
        finish(writer, *given)

    monkeypatch.setattr(ArchiveWriter, "finish", overtaken)
    assert system.deliver(event) == [204]
    system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    download(job)
    assert (job["total_images"], job["exported_images"], job["failed_images"]) == (2, 2, 0)
    assert len(objects(begun)) == 1
    assert system.mailbox.topics().count("export-completed") == 1


def test_labels_that_change_between_parts(
    system: System, person: Person, session: Session, dataset: Dataset, tiny_parts: None
) -> None:
    """Classes keep the numbers that they had when the export began."""
    body = {"name": "e", "format": "tar", "options": {"layout": "webdataset"}}
    job = person.post(f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs", body, 202)
    system.deliver(system.mailbox.take()[0])
    person.request("PATCH", f"/v1/images/{dataset.images['second'].id}", {"label": "ape"})
    system.drain()
    file = io.BytesIO(download(person.get(f"/v1/export-jobs/{job['id']}")))
    with tarfile.open(fileobj=file) as archive:
        files = {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]
    classes = [data for name, data in sorted(files.items()) if name.endswith(".cls")]
    assert sorted(classes) == [b"-1", b"0", b"1"]


def test_an_image_that_is_deleted_between_parts(
    system: System, person: Person, dataset: Dataset, begun: str, tiny_parts: None
) -> None:
    system.deliver(system.mailbox.take()[0])
    person.request("DELETE", f"/v1/images/{dataset.images['second'].id}")
    system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    download(job)
    assert (job["total_images"], job["exported_images"], job["failed_images"]) == (2, 2, 0)


def test_one_that_cannot_be_built_ends_as_failed_and_leaves_nothing(
    system: System, person: Person, begun: str, tiny_parts: None
) -> None:
    system.deliver(system.mailbox.take()[0])
    (event,) = system.mailbox.take()
    assert objects(begun)
    system.dead_letter(event)
    system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    assert (job["status"], job["download_url"]) == ("failed", None)
    assert "5 times" in job["error"]
    assert objects(begun) == []
    assert system.deliver(event) == [204]  # a delivery that was still under way
    assert person.get(f"/v1/export-jobs/{begun}")["status"] == "failed"


def _killed(*_: Any) -> None:
    raise RuntimeError("killed")
