"""Delete a version with its exports and their files; its images stay in the project."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.messaging.messages import ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models import DatasetVersion, ExportJob
from shared.queries.visible import visible_version
from shared.storage.names import name_export_folder


def handle(version_id: UUID, caller: Caller, session: Session, outbox: Outbox) -> None:
    """Delete a version."""
    version = visible_version(session, caller, version_id, lock=True)
    exports = session.scalars(select(ExportJob.id).where(ExportJob.version_id == version.id))
    if folders := [name_export_folder(export) for export in exports]:
        outbox.add(ObjectsReleased(project_id=version.project_id, prefixes=folders))
    session.execute(delete(DatasetVersion).where(DatasetVersion.id == version.id))
