"""Crawl jobs as the API shows them; those at work with the sums that their chunks have now."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.crawls.chunks import VARIANTS
from shared.crawls.work import count_work, read_work
from shared.models import CrawlChunk, CrawlJob, CrawlSchedule
from shared.schemas.crawls import CrawlJobRead
from shared.states import TERMINAL, to_percent

_SHOWN = 10


@dataclass(frozen=True)
class CrawlCounts:
    """A crawl job's counters, under the names of their columns."""

    total_images: int = 0
    downloaded_images: int = 0
    duplicate_images: int = 0
    failed_images: int = 0
    total_chunks: int = 0
    active_chunks: int = 0
    completed_chunks: int = 0
    failed_chunks: int = 0

    @property
    def progress(self) -> int:
        """Return the per cent of known addresses that have an outcome; 100 only at the end."""
        settled = self.downloaded_images + self.duplicate_images + self.failed_images
        return min(99, to_percent(settled, self.total_images))

    def to_columns(self) -> dict[str, int]:
        """Return the values by column."""
        return asdict(self)


def sum_chunks(session: Session, crawl_job_ids: Iterable[UUID]) -> dict[UUID, CrawlCounts]:
    """Return the counters of crawl jobs as their chunks have them now, in one query."""
    ids = list(crawl_job_ids)
    chunks = {
        status: func.count().filter(CrawlChunk.status == status)
        for status in ("running", "completed", "failed")
    }
    rows = session.execute(
        select(
            CrawlChunk.crawl_job_id,
            _sum(CrawlChunk.url_count).label("total_images"),
            _sum(CrawlChunk.downloaded).label("downloaded_images"),
            _sum(CrawlChunk.duplicate).label("duplicate_images"),
            _sum(CrawlChunk.failed).label("failed_images"),
            func.count().label("total_chunks"),
            chunks["running"].label("active_chunks"),
            chunks["completed"].label("completed_chunks"),
            chunks["failed"].label("failed_chunks"),
        )
        .where(CrawlChunk.crawl_job_id.in_(ids))
        .group_by(CrawlChunk.crawl_job_id)
    ).mappings()
    sums = {
        row["crawl_job_id"]: CrawlCounts(
            **{name: row[name] for name in CrawlCounts.__dataclass_fields__}
        )
        for row in rows
    }
    return {identity: sums.get(identity, CrawlCounts()) for identity in ids}


def _sum(column: InstrumentedAttribute[int]) -> ColumnElement[int]:
    """Sum a column over chunks of addresses; in one of variants it counts images anew."""
    return func.coalesce(func.sum(column).filter(CrawlChunk.kind != VARIANTS), 0)


def read_crawl_jobs(session: Session, jobs: Sequence[CrawlJob]) -> list[CrawlJobRead]:
    """Return crawl jobs in the order given; one query sums the chunks of all at work."""
    sources = read_sources(session, [job.id for job in jobs])
    live = [job.id for job in jobs if job.status not in TERMINAL]
    sums = sum_chunks(session, live) if live else {}
    return [
        _read(session, job, sums[job.id], sources[job.id])
        if job.id in sums
        else CrawlJobRead.of(job, source=sources[job.id], stage=None, work=read_work(job.work))
        for job in jobs
    ]


def read_crawl_job(session: Session, job: CrawlJob) -> CrawlJobRead:
    """Return one crawl job."""
    (answer,) = read_crawl_jobs(session, [job])
    return answer


def read_sources(
    session: Session,
    ids: Iterable[UUID],
    table: type[CrawlJob] | type[CrawlSchedule] = CrawlJob,
) -> dict[UUID, dict[str, Any]]:
    """Return the sources of crawl jobs or schedules.

    Of the addresses in `urls` they have the first ten, and `url_count`. There may be 10,000 of
    2,048 characters, so the rest does not leave the database.
    """
    source = table.source
    urls = func.jsonb_build_object(
        "urls",
        func.jsonb_path_query_array(source, cast(f"$.urls[0 to {_SHOWN - 1}]", JSONPATH)),
        "url_count",
        func.jsonb_array_length(source["urls"]),
        type_=JSONB,
    )
    shown = case((source.has_key("urls"), source.concat(urls)), else_=source)
    rows = session.execute(select(table.id, shown).where(table.id.in_(list(ids))))
    return dict(rows.all())


def _read(
    session: Session, job: CrawlJob, counts: CrawlCounts, source: dict[str, Any]
) -> CrawlJobRead:
    """Return a live job with what it has reached by now."""
    more: dict[str, Any] = {
        "source": source,
        "stage": job.stage if job.status == "running" else None,
        "progress": counts.progress,
        "work": count_work(session, job.id),
        **counts.to_columns(),
    }
    if job.stage == "fetching":  # nothing is judged yet
        more |= {"valid_images": counts.downloaded_images, "invalid_images": 0}
    return CrawlJobRead.of(job, **more)
