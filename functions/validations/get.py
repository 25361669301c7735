"""Show a validation job."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.queries.visible import visible_validation_job
from shared.schemas.validations import ValidationJobRead


def handle(validation_job_id: UUID, caller: Caller, session: Session) -> ValidationJobRead:
    """Get a validation job."""
    return ValidationJobRead.of(visible_validation_job(session, caller, validation_job_id))
