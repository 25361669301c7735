"""List the caller's projects, newest first."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import Project
from shared.paging import Page, paginate
from shared.projects.queries import load_projects
from shared.queries.visible import visible_projects
from shared.schemas.kinds import ListQuery
from shared.schemas.projects import ProjectRead


def handle(query: ListQuery, caller: Caller, session: Session) -> Page[ProjectRead]:
    """List projects."""
    rows, following = paginate(
        session, visible_projects(caller), [Project.id], query.limit, query.cursor
    )
    return Page(items=load_projects(session, rows), next_cursor=following)
