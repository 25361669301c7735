"""Show a verification job with the outcomes that it has by now."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.queries.visible import visible_verification_job
from shared.schemas.verifications import VerificationJobRead
from shared.verifications.queries import read_verification_job


def handle(verification_job_id: UUID, caller: Caller, session: Session) -> VerificationJobRead:
    """Get a verification job."""
    job = visible_verification_job(session, caller, verification_job_id)
    return read_verification_job(session, job)
