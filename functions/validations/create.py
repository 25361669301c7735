"""Judge a crawl job's images by rules."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.models import ValidationJob
from shared.queries.visible import visible_crawl_job, visible_validation_jobs
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.validations import ValidationJobCreate, ValidationJobRead
from shared.states import TERMINAL
from shared.validations.start import start_validation


def handle(
    crawl_job_id: UUID,
    wanted: ValidationJobCreate,
    caller: Caller,
    session: Session,
    outbox: Outbox,
) -> ValidationJobRead:
    """Create a validation job."""
    crawl = visible_crawl_job(session, caller, crawl_job_id)
    if crawl.status not in TERMINAL:
        raise Conflict("The crawl has not ended; wait for it, or set its option `validate`.")
    live = visible_validation_jobs(caller).where(ValidationJob.status.not_in(TERMINAL))
    limit = QUOTAS.active_validation_jobs
    lock_and_check_quota(session, caller, live, limit, "validation jobs at work", retry_after=10)
    job = start_validation(session, outbox, crawl.id, wanted.name, wanted.rules)
    session.refresh(job)
    return ValidationJobRead.of(job)
