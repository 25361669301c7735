"""Delete a crawl job with the images that it brought; those that other jobs hold too stay."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.removal import lock_for_removal, remove_crawl_job
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_crawl_job
from shared.states import TERMINAL


def handle(crawl_job_id: UUID, caller: Caller, session: Session, outbox: Outbox) -> None:
    """Delete a crawl job.

    It is gone at once, with its validations, analysis jobs and exports; of very many images the
    last go some minutes later. Images of other jobs take the places of those that go, and a
    rejection goes with its image. A job at work is to be cancelled first.
    """
    project_id = visible_crawl_job(session, caller, crawl_job_id).project_id
    lock_for_removal(session, project_id)
    job = visible_crawl_job(session, caller, crawl_job_id, lock=True)
    if job.status not in TERMINAL:
        raise Conflict("The crawl job is at work; cancel it first.")
    job.deleted_at = func.now()
    session.flush()
    remove_crawl_job(session, outbox, project_id, job.id)
