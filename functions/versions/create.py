"""Freeze what a project holds, as a version."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.messaging.outbox import Outbox
from shared.queries.named import check_filters
from shared.queries.visible import visible_project
from shared.schemas.versions import VersionCreate, VersionRead
from shared.versions.start import start_version


def handle(
    project_id: UUID, wanted: VersionCreate, caller: Caller, session: Session, outbox: Outbox
) -> VersionRead:
    """Create a version."""
    project = visible_project(session, caller, project_id)
    check_filters(session, caller, wanted.filter)
    return start_version(session, outbox, caller, wanted, project.id)
