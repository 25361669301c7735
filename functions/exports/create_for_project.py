"""Export all images of a project."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.exports.start import start_export
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_project
from shared.schemas.exports import ExportJobCreate, ExportJobRead


def handle(
    project_id: UUID,
    wanted: ExportJobCreate,
    caller: Caller,
    session: Session,
    outbox: Outbox,
) -> ExportJobRead:
    """Create an export of a project."""
    project = visible_project(session, caller, project_id)
    return start_export(session, outbox, caller, wanted, project_id=project.id)
