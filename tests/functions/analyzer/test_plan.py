"""Planning an analysis job in portions, each of them once."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.analyzer import plan
from shared.analyses.work import BATCH
from shared.messaging.messages import AnalysisJobRequested
from shared.models import AnalysisJob, CrawlJob, ImageAnalysis, JobStats
from tests import factories
from tests.harness import Person, System


@pytest.fixture
def crawl(session: Session, person: Person) -> CrawlJob:
    return factories.crawl_job(session, factories.project(session, person.id))


def request_job(session: Session, system: System, crawl: CrawlJob, analyzer: str) -> AnalysisJob:
    job = AnalysisJob(crawl_job_id=crawl.id, analyzer=analyzer)
    session.add(job)
    session.commit()
    system.send(AnalysisJobRequested(analysis_job_id=job.id))
    return job


def plan_all(system: System) -> list[int]:
    """Deliver what plans, every message twice; return the sizes of the batches."""
    batches = []
    while waiting := system.mailbox.take():
        for envelope in waiting:
            if envelope.topic == "analyses-requested":
                batches.append(len(envelope.body["analysis_ids"]))
            else:
                system.deliver(envelope)
                system.deliver(envelope)
    return batches


def test_portions_and_batches_cover_every_image_once(
    session: Session, system: System, crawl: CrawlJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "PORTION", BATCH + 10)
    factories.images(session, crawl, 2 * BATCH + 25)
    job = request_job(session, system, crawl, "basic")
    assert plan_all(system) == [BATCH, 10, BATCH, 10, 5]
    analysed = session.execute(
        select(func.count(), func.count(ImageAnalysis.image_id.distinct()))
    ).one()
    assert analysed == (2 * BATCH + 25, 2 * BATCH + 25)
    session.refresh(job)
    assert job.planned_at is not None
    assert (job.status, job.total_images) == ("running", 2 * BATCH + 25)


def test_an_old_portion_that_comes_again_does_nothing(
    session: Session, system: System, crawl: CrawlJob
) -> None:
    factories.images(session, crawl, 2)
    job = request_job(session, system, crawl, "basic")
    plan_all(system)
    system.send(AnalysisJobRequested(analysis_job_id=job.id))
    assert plan_all(system) == []


def test_an_analyzer_that_is_not_set_up_fails_the_job_with_the_reason(
    session: Session, system: System, crawl: CrawlJob
) -> None:
    factories.images(session, crawl, 1)
    job = request_job(session, system, crawl, "gemini")
    plan_all(system)
    session.refresh(job)
    assert job.status == "failed"
    assert "PIXMILL_GEMINI_MODEL" in (job.error or "")
    [attempt] = session.scalars(select(JobStats))
    assert (attempt.operation, attempt.status) == ("analyzer_plan", "failed")
    assert attempt.crawl_job_id == crawl.id
