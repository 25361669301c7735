"""Delete a project with its images, jobs and stored objects."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.messaging.messages import ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models import ExportJob, Project
from shared.queries.visible import visible_project
from shared.storage.names import list_project_prefixes, name_export_folder


def handle(project_id: UUID, caller: Caller, session: Session, outbox: Outbox) -> None:
    """Delete a project."""
    project = visible_project(session, caller, project_id, lock=True)
    exports = session.scalars(select(ExportJob.id).where(ExportJob.project_id == project.id)).all()
    outbox.add(
        ObjectsReleased(
            project_id=project.id,
            prefixes=[*list_project_prefixes(project.id), *map(name_export_folder, exports)],
        )
    )
    session.execute(delete(Project).where(Project.id == project.id))
