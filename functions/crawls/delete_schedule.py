"""Delete a schedule: its crawl is not repeated any more."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.queries.visible import visible_schedule


def handle(schedule_id: UUID, caller: Caller, session: Session) -> None:
    """Delete a schedule.

    Its runs stay as they are; one that is at work goes on, unless it is cancelled.
    """
    session.delete(visible_schedule(session, caller, schedule_id, lock=True))
