"""List the sessions of the caller's account that have not ended, the last used first."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import UserSession
from shared.paging import Page, paginate
from shared.queries.visible import visible_sessions
from shared.schemas.accounts import OpenSessionRead
from shared.schemas.kinds import ListQuery


def handle(query: ListQuery, caller: Caller, session: Session) -> Page[OpenSessionRead]:
    """List sessions."""
    rows, following = paginate(
        session, visible_sessions(caller), [UserSession.id], query.limit, query.cursor
    )
    current = session.scalar(
        select(UserSession.family).where(
            UserSession.id == caller.session_id, UserSession.user_id == caller.id
        )
    )
    items = [
        OpenSessionRead.of(
            row, id=row.family, last_used_at=row.created_at, is_current=row.family == current
        )
        for row in rows
    ]
    return Page(items=items, next_cursor=following)
