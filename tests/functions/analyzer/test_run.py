"""Analysing a batch: leases, failures that pass and that do not, and workers that die."""

import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image as Pillow
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from functions.analyzer import run
from shared.analyses import basic
from shared.analyses.findings import Findings, PassingError
from shared.imaging import THUMBNAIL
from shared.messaging.messages import AnalysesRequested, SweepDue
from shared.models import AnalysisJob, CrawlJob, Image, ImageAnalysis
from shared.services import services
from shared.states import MAX_LEASES
from shared.storage.names import name_variant
from tests import factories
from tests.harness import Person, System, expect, in_parallel


@pytest.fixture
def crawl(session: Session, person: Person) -> CrawlJob:
    return factories.crawl_job(session, factories.project(session, person.id))


@pytest.fixture
def image(session: Session, crawl: CrawlJob) -> Image:
    return factories.store_image(session, crawl)


def ask(session: Session, system: System, *images: Image, **columns: Any) -> list[ImageAnalysis]:
    rows = [
        ImageAnalysis(
            **{"image_id": image.id, "analyzer": "basic", "model_version": "basic-1"}
            | {"status": "pending"}
            | columns
        )
        for image in images
    ]
    session.add_all(rows)
    session.commit()
    system.send(AnalysesRequested(analysis_ids=[row.id for row in rows]))
    return rows


def deliver(system: System) -> None:
    """Deliver once what waits, and not what follows from it."""
    for envelope in system.mailbox.take():
        system.deliver(envelope)


def test_one_that_fails_leaves_the_others_alone(
    session: Session, system: System, crawl: CrawlJob, image: Image
) -> None:
    broken = factories.image(session, crawl)
    services().storage.put_once(broken.file_path or "", b"no image", "image/jpeg")
    rows = ask(session, system, image, broken, factories.image(session, crawl))
    deliver(system)
    session.expire_all()
    assert [row.status for row in rows] == ["completed", "failed", "failed"]
    assert [row.error_code for row in rows] == [None, "not_an_image", "missing"]
    assert all(row.lease_expires_at is None for row in rows)
    assert all((row.processing_time_ms or 0) > 0 for row in rows)


def test_attempt_of_which_nothing_came_has_failed(
    session: Session, system: System, person: Person, crawl: CrawlJob
) -> None:
    ask(session, system, factories.image(session, crawl))
    deliver(system)
    [attempt] = person.get("/v1/job-stats")["items"]
    assert (attempt["status"], attempt["error"]) == (
        "failed",
        "The image's file is not in the bucket.",
    )


def test_our_thumbnail_is_read_instead_of_the_original(
    session: Session, system: System, image: Image
) -> None:
    name = name_variant(
        image.project_id, image.sha256 or "", THUMBNAIL.name, THUMBNAIL.spec_hash, "webp"
    )
    file = io.BytesIO()
    Pillow.new("RGB", (64, 48), "navy").save(file, "WEBP")
    services().storage.put_once(name, file.getvalue(), "image/webp")
    [without] = ask(session, system, image)
    image.processed_path = name
    session.commit()
    deliver(system)
    session.refresh(without)
    assert [color["name"] for color in without.metrics["colors"]] == ["navy"]


def test_a_thumbnail_of_somebodys_own_make_is_not(
    session: Session, system: System, image: Image
) -> None:
    image.processed_path = f"variants/{image.project_id}/aa/bb/thumbnail-123456789abc.webp"
    [row] = ask(session, system, image)
    deliver(system)
    session.refresh(row)
    assert row.status == "completed"


@pytest.mark.parametrize(
    ("raised", "code"),
    [(PassingError("rate_limited", "Wait."), "rate_limited"), (OSError("x"), "internal_error")],
)
def test_what_may_pass_is_tried_again_later_and_in_the_end_has_failed(
    session: Session,
    system: System,
    image: Image,
    monkeypatch: pytest.MonkeyPatch,
    raised: Exception,
    code: str,
) -> None:
    def fail(*_: Any) -> Findings:
        raise raised

    monkeypatch.setattr(basic, "analyze", fail)
    [row] = ask(session, system, image)
    for attempt in range(1, MAX_LEASES + 1):
        deliver(system)
        session.refresh(row)
        assert (row.attempts, row.error_code) == (attempt, code)
        if attempt < MAX_LEASES:
            assert row.status == "running"
            left = row.lease_expires_at - session.scalar(select(func.now()))  # type: ignore[operator]
            assert left > timedelta(seconds=60 * 2 ** (attempt - 1) - 30)
            expire_leases(session)
            sweep(system)
    assert row.status == "failed"


def test_it_recovers(
    session: Session, system: System, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Findings:
        raise PassingError("rate_limited", "Wait.")

    with monkeypatch.context() as patch:
        patch.setattr(basic, "analyze", fail)
        [row] = ask(session, system, image)
        deliver(system)
    expire_leases(session)
    sweep(system)
    deliver(system)
    session.refresh(row)
    assert (row.status, row.error_code, row.error, row.attempts) == ("completed", None, None, 2)


def test_a_worker_that_comes_back_from_the_dead_writes_nothing(
    session: Session, system: System, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    [row] = ask(session, system, image)
    [message] = system.mailbox.take()
    again = AnalysesRequested(analysis_ids=[row.id])

    def slow(*_: Any) -> Findings:
        with Session(session.get_bind()) as inner:
            expire_leases(inner)
        monkeypatch.setattr(basic, "analyze", lambda *_: Findings("the second"))
        system.send(again)
        deliver(system)
        return Findings("the first")

    monkeypatch.setattr(basic, "analyze", slow)
    system.deliver(message)
    session.refresh(row)
    assert (row.status, row.description, row.attempts) == ("completed", "the second", 2)


def test_what_does_not_begin_in_time_goes_into_another_message(
    session: Session,
    system: System,
    crawl: CrawlJob,
    image: Image,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(run, "BUDGET", -1)
        rows = ask(session, system, image, factories.store_image(session, crawl))
        deliver(system)
        session.expire_all()
        assert [(row.status, row.attempts) for row in rows] == [("pending", 0)] * 2
    system.drain()
    session.expire_all()
    assert [row.status for row in rows] == ["completed"] * 2


def test_delivered_at_the_same_time_it_is_done_once(
    session: Session, system: System, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    analyze = basic.analyze

    def counted(*given: Any) -> Findings:
        calls.append(given)
        return analyze(*given)

    monkeypatch.setattr(basic, "analyze", counted)
    [row] = ask(session, system, image)
    identity = row.id
    for _ in range(3):
        system.send(AnalysesRequested(analysis_ids=[identity]))
    waiting = system.mailbox.take()
    in_parallel([lambda e=envelope: system.deliver(e) for envelope in waiting])
    assert len(calls) == 1


def test_nobody_waits_for_what_another_is_taking_or_settling(
    session: Session, system: System, crawl: CrawlJob, image: Image
) -> None:
    """Two that wait for each other's rows would be a deadlock."""
    rows = ask(session, system, image, factories.store_image(session, crawl))
    held, free = [row.id for row in rows]
    session.execute(select(ImageAnalysis.id).where(ImageAnalysis.id == held).with_for_update())
    deliver(system)
    found = session.execute(select(ImageAnalysis.id, ImageAnalysis.status))
    assert {row.id: row.status for row in found} == {held: "pending", free: "completed"}
    session.commit()
    system.send(AnalysesRequested(analysis_ids=[held, free]))
    system.drain()
    assert {row.status for row in rows} == {"completed"}


def test_dead_workers_are_given_up_and_the_job_ends(
    session: Session, system: System, crawl: CrawlJob, image: Image
) -> None:
    job = AnalysisJob(
        crawl_job_id=crawl.id,
        analyzer="basic",
        status="running",
        total_images=1,
        planned_at=func.now(),
    )
    session.add(job)
    session.commit()
    [row] = ask(session, system, image, analysis_job_id=job.id, status="running", attempts=5)
    system.mailbox.take()
    expire_leases(session)
    sweep(system)
    session.refresh(row)
    session.refresh(job)
    assert (row.status, row.error_code) == ("failed", "killed_its_worker")
    assert row.error == "Its worker died in the last of 5 tries, with nothing else at work."
    assert (job.status, job.failed_images) == ("failed", 1)


def test_job_ends_though_all_that_failed_was_deleted(
    session: Session, system: System, person: Person, crawl: CrawlJob, image: Image
) -> None:
    job = AnalysisJob(
        crawl_job_id=crawl.id,
        analyzer="basic",
        status="running",
        total_images=2,
        planned_at=func.now(),
    )
    session.add(job)
    session.commit()
    broken = factories.image(session, crawl)
    ask(session, system, broken, analysis_job_id=job.id, status="running", attempts=5)
    system.mailbox.take()
    ask(session, system, image, analysis_job_id=job.id)
    waiting = system.mailbox.take()
    expire_leases(session)
    sweep(system)
    for one in (broken, image):
        expect(person.request("DELETE", f"/v1/images/{one.id}"), 204)
    for envelope in waiting:  # it asked for what has gone
        system.send(AnalysesRequested(**envelope.body | {"analysis_job_id": job.id}))
    system.drain()
    session.refresh(job)
    assert (job.status, job.error) == ("failed", "All analyses failed.")
    assert (job.failed_images, job.total_images) == (1, 1)


def test_lost_messages_are_sent_again(session: Session, system: System, image: Image) -> None:
    [row] = ask(session, system, image)
    job = AnalysisJob(crawl_job_id=image.crawl_job_id, analyzer="basic")
    session.add(job)
    session.commit()
    system.mailbox.take()  # and lost
    sweep(system)
    assert not system.mailbox.take()  # they may still be on their way
    age(session, ImageAnalysis, AnalysisJob)
    sweep(system)
    assert [one.topic for one in system.mailbox.waiting] == [
        "analyses-requested",
        "analysis-job-requested",
    ]
    system.drain()
    session.refresh(row)
    session.refresh(job)
    assert (row.status, job.status) == ("completed", "completed")


def sweep(system: System) -> None:
    system.send(SweepDue())
    for envelope in [one for one in system.mailbox.take() if one.topic == "sweep-due"]:
        system.deliver(envelope)


def expire_leases(session: Session) -> None:
    session.execute(
        update(ImageAnalysis)
        .where(ImageAnalysis.status == "running")
        .values(lease_expires_at=func.now() - timedelta(seconds=1))
    )
    session.commit()


def age(session: Session, *tables: Any) -> None:
    """Rows that nothing has touched for an hour: the trigger that notes the time is off."""
    connection = session.connection()
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    for table in tables:
        session.execute(update(table).values(updated_at=func.now() - timedelta(hours=1)))
    session.commit()
