"""Handing out again what lost its worker or its message."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.messaging.messages import SweepDue
from shared.models import (
    CrawlChunk,
    CrawlJob,
    DatasetVersion,
    ExportJob,
    ExportPart,
    FetchFailure,
    Project,
    ValidationJob,
    VerificationChunk,
    VerificationJob,
)
from shared.models.base import Base, new_id
from tests import factories
from tests.harness import Person, System

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def project(person: Person, session: Session) -> Project:
    return factories.project(session, person.id)


@pytest.fixture
def running(session: Session, project: Project) -> CrawlJob:
    return factories.crawl_job(session, project, status="running", progress=0)


def sweep(system: System) -> list[Any]:
    """Return what a sweep sends: topic and body. What waits for delivery is lost again."""
    system.mailbox.take()
    system.send(SweepDue())
    system.mailbox.sent.clear()
    system.deliver(system.mailbox.take()[0])
    assert system.statuses[-1] == 204
    return [(one.topic, one.body) for one in system.mailbox.sent]


def make_untouched(session: Session, row: Base) -> None:
    """Make a row look as if nothing had happened to it for an hour."""
    table = row.__tablename__
    session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER touch_updated_at"))
    session.execute(text(f"UPDATE {table} SET updated_at = :then"), {"then": LONG_AGO})
    session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER touch_updated_at"))
    session.commit()


def ready(chunk: CrawlChunk) -> Any:
    body = {"crawl_job_id": str(chunk.crawl_job_id), "chunk_id": str(chunk.id)}
    return ("chunk-ready", body)


def test_a_chunk_whose_lease_has_run_out(
    system: System, session: Session, running: CrawlJob
) -> None:
    chunk = factories.chunk(
        session, running, status="running", attempts=1, lease_expires_at=LONG_AGO
    )
    assert sweep(system) == [ready(chunk)]
    session.refresh(chunk)
    assert (chunk.status, chunk.attempts, chunk.lease_expires_at) == ("pending", 1, None)
    assert sweep(system) == []


def test_a_chunk_that_is_being_worked_on(
    system: System, session: Session, running: CrawlJob
) -> None:
    alive = datetime.now(UTC) + timedelta(minutes=1)
    chunk = factories.chunk(session, running, status="running", lease_expires_at=alive)
    make_untouched(session, chunk)
    assert sweep(system) == []


def test_a_chunk_whose_message_was_lost(
    system: System, session: Session, running: CrawlJob
) -> None:
    chunk = factories.chunk(session, running)
    assert sweep(system) == []  # it may still wait in its queue
    make_untouched(session, chunk)
    assert sweep(system) == [ready(chunk)]
    assert sweep(system) == []


def test_a_chunk_whose_lease_has_run_out_goes_on_in_halves(
    system: System, session: Session, running: CrawlJob
) -> None:
    urls = [{"url": f"http://example.com/{n}.jpg", "label": str(n)} for n in range(5)]
    chunk = factories.chunk(
        session, running, urls=urls, status="running", attempts=1, lease_expires_at=LONG_AGO
    )
    whole = chunk.id
    assert [topic for topic, _ in sweep(system)] == ["chunk-ready"] * 2
    session.expunge_all()
    halves = session.scalars(select(CrawlChunk).order_by(CrawlChunk.position)).all()
    assert [half.urls for half in halves] == [urls[:3], urls[3:]]
    assert [(half.status, half.attempts, half.url_count) for half in halves] == [
        ("pending", 0, 3),
        ("pending", 0, 2),
    ]
    assert whole not in [half.id for half in halves]
    assert sweep(system) == []


def test_leases_that_were_handed_back_are_no_lost_workers(
    system: System, session: Session, running: CrawlJob
) -> None:
    chunk = factories.chunk(
        session, running, status="running", attempts=4, lease_expires_at=LONG_AGO
    )
    sweep(system)
    session.refresh(chunk)
    assert (chunk.status, chunk.attempts, chunk.lost_workers) == ("pending", 4, 1)


def test_an_address_that_kills_its_worker_again_fails(
    system: System, session: Session, running: CrawlJob
) -> None:
    chunk = factories.chunk(
        session,
        running,
        status="running",
        attempts=2,
        lost_workers=1,
        lease_expires_at=LONG_AGO,
    )
    assert sweep(system) == [("work-settled", {"crawl_job_id": str(running.id)})]
    session.refresh(chunk)
    assert (chunk.status, chunk.failed) == ("failed", 1)
    failure = session.scalars(select(FetchFailure)).one()
    assert (failure.reason, failure.retryable) == ("killed_its_worker", False)
    system.drain()
    session.refresh(running)
    assert (running.status, running.failed_images) == ("failed", 1)
    assert running.error == chunk.error == failure.detail


def test_a_crawl_job_that_was_never_planned(
    system: System, session: Session, project: Project
) -> None:
    job = factories.crawl_job(session, project, status="pending")
    assert sweep(system) == []
    make_untouched(session, job)
    assert sweep(system) == [("crawl-requested", {"crawl_job_id": str(job.id)})]
    assert sweep(system) == []


def test_a_crawl_job_whose_last_word_was_lost(
    system: System, session: Session, running: CrawlJob
) -> None:
    factories.chunk(session, running, status="completed", downloaded=1)
    make_untouched(session, running)
    assert sweep(system) == [("work-settled", {"crawl_job_id": str(running.id)})]
    system.drain()
    session.refresh(running)
    assert (running.status, running.downloaded_images) == ("completed", 1)
    assert sweep(system) == []


def test_a_crawl_job_at_work(system: System, session: Session, running: CrawlJob) -> None:
    factories.chunk(session, running, status="completed")
    factories.chunk(session, running, position=1)
    make_untouched(session, running)
    assert sweep(system) == []


@pytest.fixture
def exporting(session: Session, project: Project) -> ExportJob:
    """Return an export at work that has no parts yet."""
    job = ExportJob(project_id=project.id, user_id=project.user_id, name="e", status="running")
    session.add(job)
    session.commit()
    return job


@pytest.mark.parametrize("status", ["pending", "running"])
def test_an_export_that_is_not_planned(
    system: System, session: Session, exporting: ExportJob, status: str
) -> None:
    exporting.status = status
    session.commit()
    assert sweep(system) == []
    make_untouched(session, exporting)
    assert sweep(system) == [("export-requested", {"export_job_id": str(exporting.id)})]
    assert sweep(system) == []


def test_an_export_whose_parts_are_built(
    system: System, session: Session, exporting: ExportJob
) -> None:
    part = ExportPart(export_job_id=exporting.id, until=exporting.id, status="completed")
    session.add(part)
    session.commit()
    make_untouched(session, exporting)
    assert sweep(system) == [("export-parts-built", {"export_job_id": str(exporting.id)})]


@pytest.mark.parametrize("status", ["pending", "running"])
def test_a_part_of_an_export(
    system: System, session: Session, exporting: ExportJob, status: str
) -> None:
    lease = LONG_AGO if status == "running" else None
    part = ExportPart(export_job_id=exporting.id, until=exporting.id, lease_expires_at=lease)
    part.status = status
    session.add(part)
    session.commit()
    make_untouched(session, exporting)
    if status == "pending":
        assert sweep(system) == []  # its message may still wait in its queue
        make_untouched(session, part)
    body = {"export_job_id": str(exporting.id), "part_id": str(part.id)}
    assert sweep(system) == [("export-part-ready", body)]
    session.refresh(part)
    assert (part.status, part.lost_workers) == ("pending", int(status == "running"))
    assert sweep(system) == []


@pytest.mark.parametrize("status", ["pending", "running"])
def test_a_version(system: System, session: Session, project: Project, status: str) -> None:
    version = DatasetVersion(project_id=project.id, name="v1", status=status)
    session.add(version)
    session.commit()
    assert sweep(system) == []
    make_untouched(session, version)
    assert sweep(system) == [("version-requested", {"version_id": str(version.id)})]
    assert sweep(system) == []


@pytest.mark.parametrize("position", [None, new_id()])
def test_a_validation(system: System, session: Session, project: Project, position: Any) -> None:
    job = ValidationJob(
        crawl_job_id=factories.crawl_job(session, project).id, name="v", position=position
    )
    session.add(job)
    session.commit()
    make_untouched(session, job)
    after = str(position) if position else None
    wanted = ("validation-requested", {"validation_job_id": str(job.id), "after": after})
    assert sweep(system) == [wanted]
    assert sweep(system) == []


def verification(session: Session, project: Project, **columns: Any) -> VerificationJob:
    defaults = {"project_id": project.id, "name": "v", "max_distance": 4, "status": "running"}
    job = VerificationJob(**defaults | columns)
    session.add(job)
    session.commit()
    return job


@pytest.mark.parametrize(("status", "position"), [("pending", None), ("running", new_id())])
def test_a_verification_that_was_not_planned_to_its_end(
    system: System, session: Session, project: Project, status: str, position: Any
) -> None:
    job = verification(session, project, status=status, position=position)
    assert sweep(system) == []
    make_untouched(session, job)
    after = str(position) if position else None
    wanted = ("verification-requested", {"verification_job_id": str(job.id), "after": after})
    assert sweep(system) == [wanted]
    assert sweep(system) == []


def test_a_verification_whose_last_chunk_has_gone(
    system: System, session: Session, project: Project
) -> None:
    """The crawl job whose images were left was deleted, and its chunks with it."""
    job = verification(session, project, planned_at=LONG_AGO)
    make_untouched(session, job)
    ended = {"verification_job_id": str(job.id), "status": "completed"}
    assert sweep(system) == [("verification-job-completed", ended)]
    assert sweep(system) == []


@pytest.mark.parametrize("lost", ["worker", "message"])
def test_a_chunk_of_a_verification(
    system: System, session: Session, project: Project, running: CrawlJob, lost: str
) -> None:
    job = verification(session, project, planned_at=LONG_AGO)
    chunk = VerificationChunk(verification_job_id=job.id, crawl_job_id=running.id)
    if lost == "worker":
        chunk.status, chunk.lease_expires_at = "running", LONG_AGO
    session.add(chunk)
    session.commit()
    if lost == "message":
        assert sweep(system) == []
        make_untouched(session, chunk)
    again = {"verification_job_id": str(job.id), "chunk_id": str(chunk.id)}
    assert sweep(system) == [("verification-chunk-ready", again)]
    assert sweep(system) == []
    session.refresh(chunk)
    assert (chunk.status, chunk.lost_workers) == ("pending", int(lost == "worker"))


def test_what_has_ended_is_left_alone(system: System, session: Session, project: Project) -> None:
    for status in ("completed", "failed", "cancelled"):
        crawl = factories.crawl_job(session, project, status=status)
        chunk = factories.chunk(session, crawl, status=status, lease_expires_at=LONG_AGO)
        export = ExportJob(project_id=project.id, user_id=project.user_id, name="e", status=status)
        validation = ValidationJob(crawl_job_id=crawl.id, name="v", status=status)
        session.add_all([export, validation])
        session.commit()
    for row in (crawl, chunk, export, validation):
        make_untouched(session, row)
    assert sweep(system) == []


def test_rows_that_somebody_holds_are_passed_over(
    system: System, session: Session, running: CrawlJob
) -> None:
    held, free = (
        factories.chunk(session, running, position=n, status="running", lease_expires_at=LONG_AGO)
        for n in range(2)
    )
    session.refresh(held, with_for_update=True)
    assert sweep(system) == [ready(free)]
    session.rollback()
    assert sweep(system) == [ready(held)]
