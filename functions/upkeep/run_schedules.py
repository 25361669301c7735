"""Begin the crawls that are to be repeated by now."""

from sqlalchemy.orm import Session

from shared.crawls.schedules import run_schedules
from shared.messaging.messages import SchedulesDue
from shared.messaging.outbox import Outbox

_BATCH = 200  # schedules of one run; the next comes after a minute


def handle(due: SchedulesDue, session: Session, outbox: Outbox) -> None:
    """Run schedules that are due."""
    run_schedules(session, outbox, _BATCH)
