"""The start of a verification job: whether there may be one more, its row and first message."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.images.originals import choose_distance
from shared.messaging.messages import VerificationRequested
from shared.messaging.outbox import Outbox
from shared.models import VerificationJob
from shared.queries.visible import visible_verification_jobs
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.verifications import VerificationJobCreate
from shared.states import TERMINAL


def check_verification_quota(session: Session, caller: Caller) -> None:
    """Raise `TooMany` when the caller has as many verification jobs at work as allowed."""
    live = (
        visible_verification_jobs(caller)
        .with_only_columns(VerificationJob.id)
        .where(VerificationJob.status.not_in(TERMINAL))
    )
    limit = QUOTAS.active_verification_jobs
    lock_and_check_quota(session, caller, live, limit, "verification jobs at work", retry_after=60)


def start_verification(
    session: Session,
    outbox: Outbox,
    caller: Caller,
    project_id: UUID,
    wanted: VerificationJobCreate,
) -> VerificationJob:
    """Write a job and the message that sets it to work. Raise `TooMany` at the quota."""
    check_verification_quota(session, caller)
    return add_verification(session, outbox, project_id, wanted)


def add_verification(
    session: Session,
    outbox: Outbox,
    project_id: UUID,
    wanted: VerificationJobCreate,
    *,
    export_job_id: UUID | None = None,
) -> VerificationJob:
    """Write a job and the message that sets it to work, whatever else is at work.

    With `export_job_id` it is of the images of that export, which goes on when it has ended.
    """
    chosen = wanted.filter.model_dump(mode="json", exclude_none=True) if wanted.filter else {}
    job = VerificationJob(
        project_id=project_id,
        export_job_id=export_job_id,
        name=wanted.name,
        filter=chosen,
        max_distance=choose_distance(session, project_id, wanted.max_distance),
        rights=wanted.rights,
        respect_robots=wanted.respect_robots,
    )
    session.add(job)
    session.flush()
    session.refresh(job)
    outbox.add(VerificationRequested(verification_job_id=job.id))
    return job
