"""Crawl jobs as answers; those at work show what their chunks have reached by now."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import Session

from shared.crawls.counts import Counts, counts
from shared.models import CrawlJob
from shared.schemas.crawls import CrawlJobRead
from shared.states import TERMINAL

_SHOWN = 10


def as_answers(session: Session, jobs: Sequence[CrawlJob]) -> list[CrawlJobRead]:
    """Crawl jobs in the order given; one query counts the chunks of all at work."""
    sources = shown_sources(session, [job.id for job in jobs])
    return [
        _answer(job, count, source=sources[job.id]) for job, count in _with_counts(session, jobs)
    ]


def as_answer(session: Session, job: CrawlJob) -> CrawlJobRead:
    """One crawl job."""
    (answer,) = as_answers(session, [job])
    return answer


def shown_sources(session: Session, crawl_job_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Sources of crawl jobs, of the addresses in `urls` the first ten and the `url_count`.

    There may be 10,000 of 2,048 characters, so the rest does not leave the database.
    """
    source = CrawlJob.source
    urls = func.jsonb_build_object(
        "urls",
        func.jsonb_path_query_array(source, cast(f"$.urls[0 to {_SHOWN - 1}]", JSONPATH)),
        "url_count",
        func.jsonb_array_length(source["urls"]),
        type_=JSONB,
    )
    shown = case((source.has_key("urls"), source.concat(urls)), else_=source)
    rows = session.execute(select(CrawlJob.id, shown).where(CrawlJob.id.in_(list(crawl_job_ids))))
    return dict(rows.all())


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
