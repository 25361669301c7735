"""A crawl job's counters: sums over its chunks."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import CrawlChunk
from shared.states import to_percent


@dataclass(frozen=True)
class Counts:
    """Counters under the names of their columns."""

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
        """Per cent of the addresses known so far that have an outcome; 100 only at the end."""
        settled = self.downloaded_images + self.duplicate_images + self.failed_images
        return min(99, to_percent(settled, self.total_images))

    def columns(self) -> dict[str, int]:
        """Values by column."""
        return asdict(self)


def counts(session: Session, crawl_job_ids: Iterable[UUID]) -> dict[UUID, Counts]:
    """The counters of crawl jobs as their chunks have them now, in one query."""
    ids = list(crawl_job_ids)
    chunks = {
        status: func.count().filter(CrawlChunk.status == status)
        for status in ("running", "completed", "failed")
    }
    rows = session.execute(
        select(
            CrawlChunk.crawl_job_id,
            func.sum(CrawlChunk.url_count).label("total_images"),
            func.sum(CrawlChunk.downloaded).label("downloaded_images"),
            func.sum(CrawlChunk.duplicate).label("duplicate_images"),
            func.sum(CrawlChunk.failed).label("failed_images"),
            func.count().label("total_chunks"),
            chunks["running"].label("active_chunks"),
            chunks["completed"].label("completed_chunks"),
            chunks["failed"].label("failed_chunks"),
        )
        .where(CrawlChunk.crawl_job_id.in_(ids))
        .group_by(CrawlChunk.crawl_job_id)
    ).mappings()
    found = {
        row["crawl_job_id"]: Counts(**{name: row[name] for name in Counts.__dataclass_fields__})
        for row in rows
    }
    return {identity: found.get(identity, Counts()) for identity in ids}
