"""Remove what is left of a job, project or account that its owner has deleted."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.crawls.account_removal import remove_account
from shared.crawls.project_removal import remove_project
from shared.crawls.removal import lock_for_removal, remove_crawl_job
from shared.messaging.messages import RemovalRequested
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob, Profile, Project, VerificationJob
from shared.verifications.removal import remove_verification


def handle(requested: RemovalRequested, session: Session, outbox: Outbox) -> None:
    """Remove rows of deleted jobs, projects and accounts."""
    project_id = requested.project_id
    if project_id is not None and requested.crawl_job_id is not None:
        lock_for_removal(session, project_id)
        if _lock_deleted(session, CrawlJob, requested.crawl_job_id):
            remove_crawl_job(session, outbox, project_id, requested.crawl_job_id, by_system=True)
    elif project_id is not None:
        if _lock_deleted(session, Project, project_id):
            remove_project(session, outbox, project_id, by_system=True)
    elif requested.verification_job_id is not None:
        if _lock_deleted(session, VerificationJob, requested.verification_job_id):
            remove_verification(session, outbox, requested.verification_job_id)
    elif requested.user_id is not None and _lock_deleted(session, Profile, requested.user_id):
        remove_account(session, outbox, requested.user_id)


def _lock_deleted(
    session: Session,
    table: type[CrawlJob] | type[Project] | type[Profile] | type[VerificationJob],
    identity: UUID,
) -> bool:
    """Lock a row that was deleted; return whether it is still there."""
    deleted = (table.id == identity, table.deleted_at.is_not(None))
    return session.scalar(select(table.id).where(*deleted).with_for_update()) is not None
