"""Stopping an analysis job."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from functions.analyzer import run
from shared.analyses import basic
from shared.analyses.findings import AnalysisError, Findings, PassingError
from shared.messaging.messages import SweepDue
from shared.messaging.outbox import Envelope
from shared.models import CrawlJob, Image, ImageAnalysis
from tests.harness import Person, System, expect


def test_what_waits_is_dropped_and_later_messages_do_nothing(
    system: System, session: Session, person: Person, crawl: CrawlJob, image: Image
) -> None:
    job = person.post(f"/v1/crawl-jobs/{crawl.id}/analysis-jobs", {"analyzer": "basic"}, 202)
    (requested,) = system.mailbox.take()
    system.deliver(requested)
    cancelled = person.post(f"/v1/analysis-jobs/{job['id']}/cancel", status=202)
    assert cancelled["status"] == "cancelled"
    assert cancelled["completed_at"]
    system.drain()
    assert session.scalars(select(ImageAnalysis)).all() == []
    assert person.get(f"/v1/analysis-jobs/{job['id']}") == cancelled
    assert system.mailbox.topics().count("analysis-job-completed") == 1
    expect(person.request("POST", f"/v1/analysis-jobs/{job['id']}/cancel"), 409)


def test_another_job_may_follow(
    system: System, person: Person, crawl: CrawlJob, image: Image
) -> None:
    path, body = f"/v1/crawl-jobs/{crawl.id}/analysis-jobs", {"analyzer": "basic"}
    first = person.post(path, body, 202)
    person.post(f"/v1/analysis-jobs/{first['id']}/cancel", status=202)
    second = person.post(path, body, 202)
    assert second["id"] != first["id"]
    system.drain()
    assert person.get(f"/v1/analysis-jobs/{second['id']}")["analyzed_images"] == 1


def start_job(system: System, person: Person, crawl: CrawlJob) -> tuple[str, Envelope]:
    """Return a planned job, and the message that asks for its analyses."""
    job = person.post(f"/v1/crawl-jobs/{crawl.id}/analysis-jobs", {"analyzer": "basic"}, 202)
    asked = []
    while waiting := system.mailbox.take():
        for envelope in waiting:
            if envelope.topic == "analyses-requested":
                asked.append(envelope)
            else:
                system.deliver(envelope)
    [message] = asked
    return job["id"], message


def sweep(session: Session, system: System) -> None:
    """The sweep after every lease has run out."""
    session.execute(
        update(ImageAnalysis)
        .where(ImageAnalysis.status == "running")
        .values(lease_expires_at=func.now() - timedelta(seconds=1))
    )
    session.commit()
    system.send(SweepDue())
    for envelope in system.mailbox.take():
        if envelope.topic == "sweep-due":
            system.deliver(envelope)


def read_end(session: Session) -> tuple[str, str | None, str | None]:
    row = session.scalars(select(ImageAnalysis).execution_options(populate_existing=True)).one()
    assert row.status != "failed" or row.lease_expires_at is None
    return row.status, row.error_code, row.error


def test_what_waits_for_another_try_has_failed(
    system: System,
    session: Session,
    person: Person,
    crawl: CrawlJob,
    image: Image,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any) -> Findings:
        raise PassingError("rate_limited", "It is busy.")

    job, message = start_job(system, person, crawl)
    with monkeypatch.context() as patch:
        patch.setattr(basic, "analyze", fail)
        system.deliver(message)
    assert read_end(session) == ("running", "rate_limited", "It is busy.")
    cancelled = person.post(f"/v1/analysis-jobs/{job}/cancel", status=202)
    assert (cancelled["status"], cancelled["failed_images"]) == ("cancelled", 1)
    assert read_end(session) == (
        "failed",
        "cancelled",
        "The analysis job was cancelled before another try. It is busy.",
    )
    sweep(session, system)
    system.drain()
    assert read_end(session)[0] == "failed"


def test_what_lost_its_worker_has_failed_before_the_job_was_cancelled_or_after(
    system: System, session: Session, person: Person, crawl: CrawlJob, image: Image
) -> None:
    for minutes in (-1, 1):
        job, _ = start_job(system, person, crawl)
        session.execute(
            update(ImageAnalysis)
            .where(ImageAnalysis.status == "pending")
            .values(
                status="running",
                attempts=1,
                lease_expires_at=func.now() + timedelta(minutes=minutes),
            )
        )
        session.commit()
        person.post(f"/v1/analysis-jobs/{job}/cancel", status=202)
        live = select(func.count()).where(ImageAnalysis.status == "running")
        assert session.scalar(live) == (minutes > 0)
        session.commit()
    sweep(session, system)
    system.drain()
    rows = session.execute(select(ImageAnalysis.status, ImageAnalysis.error_code)).all()
    assert rows == [("failed", "cancelled")] * 2
    assert system.mailbox.topics().count("analyses-requested") == 2


@pytest.mark.parametrize(
    ("late", "becomes"),
    [
        pytest.param(Findings("It is blue."), ("completed", None), id="findings"),
        pytest.param(PassingError("rate_limited", "Busy."), ("failed", "cancelled"), id="passing"),
        pytest.param(ValueError("x"), ("failed", "cancelled"), id="mistake"),
        pytest.param(AnalysisError("not_an_image", "No."), ("failed", "not_an_image"), id="final"),
    ],
)
def test_a_late_result_is_kept_but_tried_no_more(
    system: System,
    session: Session,
    person: Person,
    crawl: CrawlJob,
    image: Image,
    monkeypatch: pytest.MonkeyPatch,
    late: Findings | Exception,
    becomes: tuple[str, str | None],
) -> None:
    job, message = start_job(system, person, crawl)

    def slow(*_: Any) -> Findings:
        person.post(f"/v1/analysis-jobs/{job}/cancel", status=202)
        if isinstance(late, Exception):
            raise late
        return late

    monkeypatch.setattr(basic, "analyze", slow)
    system.deliver(message)
    assert read_end(session)[:2] == becomes
    read = person.get(f"/v1/analysis-jobs/{job}")
    assert (read["status"], read["analyzed_images"], read["failed_images"]) == ("cancelled", 0, 0)
    system.drain()
    assert system.mailbox.topics().count("analyses-requested") == 1


def test_what_a_worker_does_not_begin_is_dropped(
    system: System,
    session: Session,
    person: Person,
    crawl: CrawlJob,
    image: Image,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job, message = start_job(system, person, crawl)

    def late(*_: Any) -> float:
        person.request("POST", f"/v1/analysis-jobs/{job}/cancel")
        return next(times)

    times = itertools.chain([0.0], itertools.repeat(1e9))
    monkeypatch.setattr(run, "monotonic", late)
    system.deliver(message)
    assert session.scalars(select(ImageAnalysis)).all() == []
    assert system.mailbox.topics().count("analyses-requested") == 1
