"""A project with a crawl, and verification jobs in every state."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func
from sqlalchemy.orm import Session

from shared.models import CrawlJob, VerificationJob, VerificationResult
from tests import factories
from tests.harness import Person

Add = Callable[..., None]


@pytest.fixture
def crawl(person: Person, session: Session) -> CrawlJob:
    """Return a completed crawl job without images."""
    return factories.crawl_job(session, factories.project(session, person.id))


@pytest.fixture
def job(session: Session, crawl: CrawlJob) -> VerificationJob:
    """Return a verification job that has ended."""
    row = VerificationJob(
        project_id=crawl.project_id,
        name="v",
        max_distance=4,
        status="completed",
        started_at=func.now(),
        planned_at=func.now(),
    )
    session.add(row)
    session.commit()
    return row


@pytest.fixture
def add(session: Session, crawl: CrawlJob, job: VerificationJob) -> Add:
    """Write results of the job, each of an image of its own."""

    def write(
        outcome: str | None,
        count: int = 1,
        host: str = "example.org",
        age: timedelta = timedelta(),
        checked_at: datetime | None = None,
        **columns: Any,
    ) -> None:
        images = factories.images(session, crawl, count, original_url=f"http://{host}/a.jpg")
        checked: Any = checked_at or func.now()
        for image in images:
            session.add(
                VerificationResult(
                    verification_job_id=job.id,
                    image_id=image.id,
                    host=host,
                    outcome=outcome,
                    taken_at=checked - age,
                    checked_at=checked if outcome else None,
                    **columns,
                )
            )
        session.commit()

    return write
