"""List what the caller has done, newest first."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import ActivityLog
from shared.paging import Page, paginate
from shared.queries.visible import visible_activity
from shared.schemas.activity import ActivityQuery, ActivityRead


def handle(query: ActivityQuery, caller: Caller, session: Session) -> Page[ActivityRead]:
    """List activity."""
    statement = visible_activity(caller)
    if query.action is not None:
        statement = statement.where(ActivityLog.action == query.action)
    if query.resource_type is not None:
        statement = statement.where(ActivityLog.resource_type == query.resource_type)
    if query.since is not None:
        statement = statement.where(ActivityLog.timestamp >= query.since)
    if query.until is not None:
        statement = statement.where(ActivityLog.timestamp < query.until)
    rows, following = paginate(session, statement, [ActivityLog.id], query.limit, query.cursor)
    return Page(items=[ActivityRead.of(row) for row in rows], next_cursor=following)
