"""Rename, describe or archive a project."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller, Precondition
from shared.projects.queries import load_projects
from shared.queries.visible import visible_project
from shared.schemas.projects import ProjectRead, ProjectUpdate


def handle(
    project_id: UUID,
    change: ProjectUpdate,
    precondition: Precondition,
    caller: Caller,
    session: Session,
) -> ProjectRead:
    """Update a project."""
    project = visible_project(session, caller, project_id, lock=True)
    precondition.check(project.updated_at)
    for name, value in change.get_changes().items():
        setattr(project, name, value)
    session.flush()
    session.refresh(project)
    (counted,) = load_projects(session, [project])
    return counted
