"""List a crawl job's chunks, newest first."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from shared.calls import Caller
from shared.models import CrawlChunk
from shared.paging import Page, paginate
from shared.queries.visible import visible_crawl_job
from shared.schemas.crawls import ChunkQuery, ChunkRead


def handle(
    crawl_job_id: UUID, query: ChunkQuery, caller: Caller, session: Session
) -> Page[ChunkRead]:
    """List chunks."""
    job = visible_crawl_job(session, caller, crawl_job_id)
    statement = (
        select(CrawlChunk)
        .where(CrawlChunk.crawl_job_id == job.id)
        .options(defer(CrawlChunk.urls, raiseload=True))
    )
    if query.status is not None:
        statement = statement.where(CrawlChunk.status == query.status)
    rows, following = paginate(session, statement, [CrawlChunk.id], query.limit, query.cursor)
    return Page(items=[ChunkRead.of(row) for row in rows], next_cursor=following)
