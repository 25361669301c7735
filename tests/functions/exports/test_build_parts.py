"""Exports in several parts, built by workers that die, repeat and overtake each other."""

import io
import tarfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.exports.archives import ArchiveWriter
from shared.models import ExportPart, JobStats
from shared.services import services
from tests.functions.exports.conftest import Dataset, Export, download
from tests.harness import Person, System, in_parallel

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def tiny_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part has one image."""
    settings = replace(services().settings, export_part_images=1)
    monkeypatch.setitem(services().built, "settings", settings)


@pytest.fixture
def begun(person: Person, dataset: Dataset) -> str:
    """Return an export whose first message waits; its id."""
    body = {"name": "e", "format": "zip"}
    job = person.post(f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs", body, 202)
    return str(job["id"])


def plan(system: System) -> None:
    """Deliver the first message; those of the parts wait then."""
    system.deliver(system.mailbox.take()[0])


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
    settings = replace(services().settings, export_part_images=2, export_gathered_bytes=1)
    monkeypatch.setitem(services().built, "settings", settings)
    body = {"name": "in parts", "format": kind, "options": options}
    job = person.post(f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs", body, 202)
    system.drain(copies=2)
    job = person.get(f"/v1/export-jobs/{job['id']}")
    assert system.mailbox.topics().count("export-part-ready") >= 2
    assert job["sha256"] == whole["sha256"]
    assert download(job) == download(whole)
    assert job["exported_images"] == 3
    (left,) = objects(job["id"])  # the file, without its parts
    assert left.endswith(f"/in-parts.{kind}")


def test_progress_is_shown(system: System, person: Person, begun: str, tiny_parts: None) -> None:
    seen = []
    while waiting := system.mailbox.take():
        for one in waiting:
            system.deliver(one)
            job = person.get(f"/v1/export-jobs/{begun}")
            shown = (job["status"], job["exported_images"], job["progress"], job["total_images"])
            seen.append(shown)
    assert seen[:5] == [
        ("running", 0, 0, 3),
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


def test_parts_are_built_by_several_workers_in_any_order(
    system: System, person: Person, begun: str, tiny_parts: None, export: Export
) -> None:
    plan(system)
    parts = system.mailbox.take()
    assert len(parts) == 3
    in_parallel([lambda event=event: system.deliver(event) for event in reversed(parts)])
    assert set(system.statuses) == {204}
    assert system.mailbox.topics().count("export-parts-built") == 1
    system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    assert download(job) == download(export("zip"))
    assert (job["exported_images"], len(objects(begun))) == (3, 1)


def test_a_call_that_dies_is_done_again(
    system: System,
    person: Person,
    session: Session,
    begun: str,
    tiny_parts: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In its second part, after an image has been written."""
    plan(system)
    first, event, last = system.mailbox.take()
    system.deliver(first)
    with monkeypatch.context() as patch:
        patch.setattr("shared.exports.settling.to_counts", _killed)
        assert system.deliver(event) == [500]
    job = person.get(f"/v1/export-jobs/{begun}")
    assert (job["status"], job["exported_images"]) == ("running", 1)
    assert system.deliver(event, attempt=2) == [204]
    system.deliver(last)
    system.drain()
    download(person.get(f"/v1/export-jobs/{begun}"))
    attempts = session.scalars(select(JobStats.status).order_by(JobStats.id)).all()
    assert attempts.count("failed") == 1


def test_a_part_that_lost_its_worker_is_taken_again(
    system: System, person: Person, session: Session, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker only seems dead, and comes back when another has built the part."""
    plan(system)
    (event,) = system.mailbox.take()
    add = ArchiveWriter.add

    def overtaken(writer: ArchiveWriter, *given: Any) -> None:
        monkeypatch.setattr(ArchiveWriter, "add", add)
        assert system.deliver(event) == [204]  # while it is leased: nothing to do
        assert system.mailbox.take() == []
        session.execute(update(ExportPart).values(lease_expires_at=LONG_AGO))
        session.commit()
        assert system.deliver(event) == [204]
        system.drain()
        add(writer, *given)

    monkeypatch.setattr(ArchiveWriter, "add", overtaken)
    assert system.deliver(event) == [204]
    system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    download(job)
    assert (job["exported_images"], len(objects(begun))) == (3, 1)
    assert system.mailbox.topics().count("export-completed") == 1


def test_a_part_that_loses_its_worker_every_time_fails_the_export(
    system: System, person: Person, session: Session, begun: str
) -> None:
    plan(system)
    (event,) = system.mailbox.take()
    values = {"status": "running", "lease_expires_at": LONG_AGO, "lost_workers": 4}
    session.execute(update(ExportPart).values(values))
    session.commit()
    assert system.deliver(event) == [204]
    system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    assert (job["status"], objects(begun)) == ("failed", [])
    assert "lost its worker 5 times" in job["error"]


def test_a_worker_that_comes_after_others_died_notes_what_it_takes_up(
    system: System, person: Person, session: Session, begun: str, dataset: Dataset
) -> None:
    """An image over which two workers died is left out, the rest is exported."""
    plan(system)
    (event,) = system.mailbox.take()
    poison = dataset.images["second"].id
    died = {"making": poison, "deaths": {str(poison): 1}}
    session.execute(update(ExportPart).values(died))
    session.commit()
    system.deliver(event)
    system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    assert (job["status"], job["exported_images"], job["failed_images"]) == ("completed", 2, 1)
    assert job["failures"][0]["reason"] == "killed_its_worker"


def test_a_part_that_runs_out_of_time_leaves_the_rest_to_another(
    system: System, person: Person, begun: str, monkeypatch: pytest.MonkeyPatch, export: Export
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("functions.exports.build.BUDGET", -1)
        system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    assert system.mailbox.topics().count("export-part-ready") == 3
    assert download(job) == download(export("zip"))


def test_one_that_is_deleted_stops(
    system: System, person: Person, begun: str, tiny_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a worker is at a part of it; nothing is left, and what waits is acknowledged."""
    plan(system)
    first, second, third = system.mailbox.take()
    system.deliver(first)
    add = ArchiveWriter.add

    def deleted(writer: ArchiveWriter, *given: Any) -> None:
        person.request("DELETE", f"/v1/export-jobs/{begun}")
        add(writer, *given)

    monkeypatch.setattr(ArchiveWriter, "add", deleted)
    assert system.deliver(second) == [204]
    assert system.deliver(third) == [204]
    system.drain()
    assert objects(begun) == []
    assert "export-parts-built" not in system.mailbox.topics()


def test_a_call_that_dies_while_it_writes_leaves_no_object(
    system: System, person: Person, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(system)
    (event,) = system.mailbox.take()
    with monkeypatch.context() as patch:
        patch.setattr(ArchiveWriter, "add", _killed)
        assert system.deliver(event) == [500]
    assert objects(begun) == []
    assert system.deliver(event, attempt=2) == [204]
    system.drain()
    download(person.get(f"/v1/export-jobs/{begun}"))


def test_each_message_comes_several_times_at_once(
    system: System, person: Person, begun: str, tiny_parts: None
) -> None:
    while waiting := system.mailbox.take():
        events = [event for event in waiting for _ in range(3)]
        in_parallel([lambda event=event: system.deliver(event) for event in events])
    assert set(system.statuses) == {204}
    job = person.get(f"/v1/export-jobs/{begun}")
    download(job)
    assert job["exported_images"] == 3
    assert system.mailbox.topics().count("export-completed") == 1
    assert len(objects(begun)) == 1


def test_one_that_comes_too_late_does_not_replace_the_file(
    system: System, person: Person, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slower of two calls joins the parts when the other has."""
    plan(system)
    system.deliver(system.mailbox.take()[0])
    (event,) = system.mailbox.take()
    finish = ArchiveWriter.finish

    def overtaken(writer: ArchiveWriter, *given: Any) -> None:
        monkeypatch.setattr(ArchiveWriter, "finish", finish)
        finish(writer, *given)
        assert system.deliver(event) == [204]

    monkeypatch.setattr(ArchiveWriter, "finish", overtaken)
    assert system.deliver(event) == [204]
    system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    download(job)
    assert len(objects(begun)) == 1
    assert system.mailbox.topics().count("export-completed") == 1


def test_a_file_too_large_to_be_read_again_has_no_checksum(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(services().settings, export_hashed_bytes=1)
    monkeypatch.setitem(services().built, "settings", settings)
    job = export("zip")
    assert (job["status"], job["sha256"], job["exported_images"]) == ("completed", None, 3)


def test_labels_that_change_between_parts(
    system: System, person: Person, session: Session, dataset: Dataset, tiny_parts: None
) -> None:
    """Classes keep the numbers that they had when the export began."""
    body = {"name": "e", "format": "tar", "options": {"layout": "webdataset"}}
    job = person.post(f"/v1/crawl-jobs/{dataset.crawl.id}/export-jobs", body, 202)
    plan(system)
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
    plan(system)
    person.request("DELETE", f"/v1/images/{dataset.images['second'].id}")
    system.drain()
    job = person.get(f"/v1/export-jobs/{begun}")
    download(job)
    assert (job["total_images"], job["exported_images"], job["failed_images"]) == (2, 2, 0)


def test_one_that_cannot_be_built_ends_as_failed_and_leaves_nothing(
    system: System, person: Person, begun: str, tiny_parts: None
) -> None:
    plan(system)
    first, event, _ = system.mailbox.take()
    system.deliver(first)
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
