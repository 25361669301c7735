"""Remove what is left of a crawl job or project that its owner has deleted."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.crawls.project_removal import remove_project
from shared.crawls.removal import lock_for_removal, remove_crawl_job
from shared.messaging.messages import RemovalRequested
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob, Project


def handle(requested: RemovalRequested, session: Session, outbox: Outbox) -> None:
    """Remove rows of deleted crawl jobs and projects."""
    if requested.crawl_job_id is None:
        deleted = (Project.id == requested.project_id, Project.deleted_at.is_not(None))
        if session.scalar(select(Project.id).where(*deleted).with_for_update()):
            remove_project(session, outbox, requested.project_id)
        return
    lock_for_removal(session, requested.project_id)
    deleted = (CrawlJob.id == requested.crawl_job_id, CrawlJob.deleted_at.is_not(None))
    if session.scalar(select(CrawlJob.id).where(*deleted).with_for_update()):
        remove_crawl_job(session, outbox, requested.project_id, requested.crawl_job_id)
