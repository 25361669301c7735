"""Remove what is left of a crawl job that its owner has deleted."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.crawls.removal import lock_for_removal, remove_crawl_job
from shared.messaging.messages import RemovalRequested
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob


def handle(requested: RemovalRequested, session: Session, outbox: Outbox) -> None:
    """Remove rows of deleted crawl jobs."""
    lock_for_removal(session, requested.project_id)
    deleted = (CrawlJob.id == requested.crawl_job_id, CrawlJob.deleted_at.is_not(None))
    job_id = session.scalar(select(CrawlJob.id).where(*deleted).with_for_update())
    if job_id is not None:
        remove_crawl_job(session, outbox, requested.project_id, job_id)
