"""Cancel a crawl job at once; what its workers bring after that is not kept."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.queries import read_crawl_job
from shared.crawls.settling import end_crawl_job
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_crawl_job
from shared.schemas.crawls import CrawlJobRead


def handle(crawl_job_id: UUID, caller: Caller, session: Session, outbox: Outbox) -> CrawlJobRead:
    """Cancel a crawl job."""
    job = visible_crawl_job(session, caller, crawl_job_id)
    if not end_crawl_job(session, outbox, job.id, "cancelled"):
        raise Conflict("The crawl job has ended already.")
    session.refresh(job)
    return read_crawl_job(session, job)
