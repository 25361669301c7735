"""Crawl jobs as answers; those at work show what their chunks have reached by now."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawling.counts import counts
from shared.models import CrawlJob
from shared.queries.visible import visible_crawl_jobs
from shared.rules.quotas import QUOTAS, check
from shared.rules.states import TERMINAL
from shared.schemas.crawls import CrawlJobRead


def as_answers(session: Session, jobs: Sequence[CrawlJob]) -> list[CrawlJobRead]:
    """Crawl jobs in the order given; one query counts the chunks of all that are at work."""
    live = [job.id for job in jobs if job.status not in TERMINAL]
    now = counts(session, live) if live else {}
    return [
        CrawlJobRead.of(job)
        if (count := now.get(job.id)) is None
        else CrawlJobRead.of(
            job,
            **count.columns(),
            valid_images=count.downloaded_images,
            progress=count.progress,
        )
        for job in jobs
    ]


def as_answer(session: Session, job: CrawlJob) -> CrawlJobRead:
    """One crawl job."""
    return as_answers(session, [job])[0]


def check_quota(session: Session, caller: Caller) -> None:
    """Raises `TooMany` when the caller has as many crawl jobs at work as allowed."""
    live = (
        visible_crawl_jobs(caller)
        .with_only_columns(CrawlJob.id)
        .where(CrawlJob.status.not_in(TERMINAL))
    )
    used = session.scalar(select(func.count()).select_from(live.subquery()))
    check(used or 0, QUOTAS.active_crawl_jobs, "crawl jobs at work", retry_after=60)
