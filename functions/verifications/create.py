"""Ask the origins of a project's images again."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.messaging.outbox import Outbox
from shared.queries.named import check_filters
from shared.queries.visible import visible_project
from shared.schemas.verifications import VerificationJobCreate, VerificationJobRead
from shared.verifications.queries import read_verification_job
from shared.verifications.start import start_verification


def handle(
    project_id: UUID,
    wanted: VerificationJobCreate,
    caller: Caller,
    session: Session,
    outbox: Outbox,
) -> VerificationJobRead:
    """Create a verification job."""
    project = visible_project(session, caller, project_id)
    check_filters(session, caller, wanted.filter)
    job = start_verification(session, outbox, caller, project.id, wanted)
    return read_verification_job(session, job)
