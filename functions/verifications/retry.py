"""Ask again for the images of a verification job whose origins could not be reached."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict
from shared.images.originals import lock_contents
from shared.messaging.messages import VerificationRequested
from shared.messaging.outbox import Outbox
from shared.models import VerificationResult
from shared.queries.visible import visible_verification_job
from shared.schemas.verifications import VerificationJobRead
from shared.states import TERMINAL
from shared.storage.references import lock_project
from shared.verifications.chunks import KILLED, assign_chunks
from shared.verifications.queries import read_verification_job
from shared.verifications.removal import check_no_export_waits
from shared.verifications.start import check_verification_quota


def handle(
    verification_job_id: UUID, caller: Caller, session: Session, outbox: Outbox
) -> VerificationJobRead:
    """Retry a verification job."""
    project_id = visible_verification_job(session, caller, verification_job_id).project_id
    check_verification_quota(session, caller)
    lock_project(session, project_id)
    lock_contents(session, project_id, alone=False)
    job = visible_verification_job(session, caller, verification_job_id, lock=True)
    if job.status not in TERMINAL:
        raise Conflict("The verification job is at work; wait until it has ended, or cancel it.")
    check_no_export_waits(session, job)
    chunks = assign_chunks(
        session,
        outbox,
        job.id,
        VerificationResult.asked_with.is_(None),
        VerificationResult.outcome == "unreachable",
        VerificationResult.reason != KILLED,
    )
    if job.planned_at is None:
        outbox.add(VerificationRequested(verification_job_id=job.id, after=job.position))
    elif not chunks:
        raise Conflict("There is nothing to retry: every origin that can be asked has answered.")
    job.status = "pending" if job.started_at is None else "running"
    job.error = job.completed_at = None
    job.progress = 0
    job.updated_at = func.now()
    session.flush()
    session.refresh(job)
    return read_verification_job(session, job)
