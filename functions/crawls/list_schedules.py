"""List a project's schedules, newest first."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.schedules import show_schedules
from shared.models import CrawlSchedule
from shared.paging import Page, paginate
from shared.queries.visible import visible_project, visible_schedules
from shared.schemas.crawls import ScheduleRead
from shared.schemas.kinds import ListQuery


def handle(
    project_id: UUID, query: ListQuery, caller: Caller, session: Session
) -> Page[ScheduleRead]:
    """List schedules."""
    project = visible_project(session, caller, project_id)
    statement = visible_schedules(caller).where(CrawlSchedule.project_id == project.id)
    rows, following = paginate(session, statement, [CrawlSchedule.id], query.limit, query.cursor)
    return Page(items=show_schedules(session, rows), next_cursor=following)
