"""Export what a version holds."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.exports.start import start_version_export
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_version
from shared.schemas.exports import ExportJobCreate, ExportJobRead


def handle(
    version_id: UUID,
    wanted: ExportJobCreate,
    caller: Caller,
    session: Session,
    outbox: Outbox,
) -> ExportJobRead:
    """Create an export of a version."""
    version = visible_version(session, caller, version_id)
    return start_version_export(session, outbox, caller, wanted, version)
