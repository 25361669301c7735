"""Delete the caller's account and all that it owns, stored objects included."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.messaging.messages import ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models import ExportJob, Profile, Project
from shared.storage.names import list_project_prefixes, list_user_prefixes, name_export_folder


def handle(caller: Caller, session: Session, outbox: Outbox) -> None:
    """Delete the account."""
    projects = session.scalars(select(Project.id).where(Project.user_id == caller.id)).all()
    for project_id in projects:
        exports = session.scalars(
            select(ExportJob.id).where(ExportJob.project_id == project_id)
        ).all()
        outbox.add(
            ObjectsReleased(
                project_id=project_id,
                prefixes=[*list_project_prefixes(project_id), *map(name_export_folder, exports)],
            )
        )
    outbox.add(ObjectsReleased(prefixes=list_user_prefixes(caller.id)))
    session.execute(delete(Profile).where(Profile.id == caller.id))
