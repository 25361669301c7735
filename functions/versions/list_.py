"""List a project's versions, newest first."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import DatasetVersion
from shared.paging import Page, paginate
from shared.queries.visible import visible_project, visible_versions
from shared.schemas.versions import VersionQuery, VersionRead


def handle(
    project_id: UUID, query: VersionQuery, caller: Caller, session: Session
) -> Page[VersionRead]:
    """List versions."""
    project = visible_project(session, caller, project_id)
    statement = visible_versions(caller).where(DatasetVersion.project_id == project.id)
    if query.status is not None:
        statement = statement.where(DatasetVersion.status == query.status)
    rows, following = paginate(session, statement, [DatasetVersion.id], query.limit, query.cursor)
    return Page(items=[VersionRead.of(row) for row in rows], next_cursor=following)
