"""Crawl jobs as answers; those at work show what their chunks have reached by now."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawling.counts import Counts, counts
from shared.models import CrawlJob
from shared.queries.limits import check_limit
from shared.queries.visible import visible_crawl_jobs
from shared.rules.quotas import QUOTAS
from shared.rules.states import TERMINAL
from shared.schemas.crawls import CrawlJobRead

_LISTED = 100


def as_answers(session: Session, jobs: Sequence[CrawlJob]) -> list[CrawlJobRead]:
    """Crawl jobs for a list, in the order given; one query counts the chunks of all at work.

    Of a source's addresses, of which there may be 10,000, a list shows the first 100.
    """
    return [
        _answer(job, count, source=_shortened(job.source))
        for job, count in _with_counts(session, jobs)
    ]


def as_answer(session: Session, job: CrawlJob) -> CrawlJobRead:
    """One crawl job, whole."""
    ((_, count),) = _with_counts(session, [job])
    return _answer(job, count)


def _with_counts(
    session: Session, jobs: Sequence[CrawlJob]
) -> list[tuple[CrawlJob, Counts | None]]:
    live = [job.id for job in jobs if job.status not in TERMINAL]
    now = counts(session, live) if live else {}
    return [(job, now.get(job.id)) for job in jobs]


def _answer(job: CrawlJob, count: Counts | None, **more: Any) -> CrawlJobRead:
    if count is not None:
        more |= count.columns()
        more |= {"valid_images": count.downloaded_images, "progress": count.progress}
    return CrawlJobRead.of(job, **more)


def _shortened(source: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value[:_LISTED] if isinstance(value, list) else value
        for name, value in source.items()
    }


def check_quota(session: Session, caller: Caller) -> None:
    """Raises `TooMany` when the caller has as many crawl jobs at work as allowed."""
    live = (
        visible_crawl_jobs(caller)
        .with_only_columns(CrawlJob.id)
        .where(CrawlJob.status.not_in(TERMINAL))
    )
    limit = QUOTAS.active_crawl_jobs
    check_limit(session, caller, live, limit, "crawl jobs at work", retry_after=60)
