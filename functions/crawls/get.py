"""Show one crawl job with the counts that it has reached by now."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.queries import read_crawl_job
from shared.queries.visible import visible_crawl_job
from shared.schemas.crawls import CrawlJobRead


def handle(crawl_job_id: UUID, caller: Caller, session: Session) -> CrawlJobRead:
    """Get a crawl job."""
    return read_crawl_job(session, visible_crawl_job(session, caller, crawl_job_id))
