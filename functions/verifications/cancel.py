"""Cancel a verification job at once; what its workers bring after that is not kept."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict
from shared.images.originals import lock_contents
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_verification_job
from shared.schemas.verifications import VerificationJobRead
from shared.states import TERMINAL
from shared.storage.references import lock_project
from shared.verifications.queries import read_verification_job
from shared.verifications.settling import end_verification


def handle(
    verification_job_id: UUID, caller: Caller, session: Session, outbox: Outbox
) -> VerificationJobRead:
    """Cancel a verification job.

    What has an outcome keeps it; all else is `unreachable`, and a retry goes on with it.
    """
    project_id = visible_verification_job(session, caller, verification_job_id).project_id
    lock_project(session, project_id)
    lock_contents(session, project_id, alone=False)
    job = visible_verification_job(session, caller, verification_job_id, lock=True)
    if job.status in TERMINAL:
        raise Conflict("The verification job has ended already.")
    end_verification(session, outbox, job, "cancelled")
    session.refresh(job)
    return read_verification_job(session, job)
