"""The end of a validation job, and the word to the crawl job that waits for it."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, update
from sqlalchemy.orm import Session

from shared.messaging.messages import WorkSettled
from shared.messaging.outbox import Outbox
from shared.models import ValidationJob
from shared.schemas.fields import Ending
from shared.states import LIVE
from shared.webhooks.events import announce_end


def end_validation(
    session: Session,
    outbox: Outbox,
    which: ColumnElement[bool],
    status: Ending,
    error: str | None = None,
) -> bool:
    """Move the live validation jobs that fit to their final state; return whether there was one."""
    progress = 100 if status == "completed" else ValidationJob.progress
    ended = session.execute(
        update(ValidationJob)
        .where(which, ValidationJob.status.in_(LIVE))
        .values(status=status, error=error, progress=progress, completed_at=func.now())
        .returning(ValidationJob.id, ValidationJob.crawl_job_id, ValidationJob.for_crawl)
        .execution_options(synchronize_session="fetch")
    ).all()
    for one in ended:
        announce_end(session, outbox, "validation_job", one.id, status)
        if one.for_crawl:
            outbox.add(WorkSettled(crawl_job_id=one.crawl_job_id))
    return bool(ended)


def cancel_validations(session: Session, outbox: Outbox, crawl_job_id: UUID) -> None:
    """Cancel the validations of a crawl job that it asked for itself."""
    of_crawl = ValidationJob.crawl_job_id == crawl_job_id
    end_validation(session, outbox, of_crawl & ValidationJob.for_crawl, "cancelled")
