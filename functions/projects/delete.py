"""Delete a project with its images, jobs and stored objects."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.project_removal import remove_project
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_project


def handle(project_id: UUID, caller: Caller, session: Session, outbox: Outbox) -> None:
    """Delete a project.

    It is gone at once; of very many images the last rows and objects go some minutes later.
    """
    project = visible_project(session, caller, project_id, lock=True)
    project.deleted_at = func.now()
    session.flush()
    remove_project(session, outbox, project.id)
