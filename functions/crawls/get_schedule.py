"""Show a crawl that repeats: when it runs next, and what became of its latest due time."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.schedules import show_schedules
from shared.queries.visible import visible_schedule
from shared.schemas.crawls import ScheduleRead


def handle(schedule_id: UUID, caller: Caller, session: Session) -> ScheduleRead:
    """Get a schedule."""
    (answer,) = show_schedules(session, [visible_schedule(session, caller, schedule_id)])
    return answer
