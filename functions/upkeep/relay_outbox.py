"""Send what a crash left in the outbox."""

import logging
import time

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.messaging.messages import RelayDue
from shared.messaging.outbox import Publisher, claim_unsent
from shared.models import OutboxMessage

log = logging.getLogger(__name__)

BATCH = 1000
_BUDGET = 50  # seconds; the next run comes after a minute
# Younger rows are being sent by the call that wrote them.
_AGE_SECONDS = 10


def handle(due: RelayDue, engine: Engine, publisher: Publisher) -> None:
    """Publish unsent messages, oldest first.

    What a topic does not take is left for the next run, and does not hold up the other topics.
    """
    _log_waiting(engine)
    troubled: set[str] = set()
    deadline = time.monotonic() + _BUDGET
    while time.monotonic() < deadline:
        with transaction(engine) as session:
            if not _relay(session, publisher, troubled):
                break


def _log_waiting(engine: Engine) -> None:
    """Log the age of the oldest unsent message, from which the deployment's alert is made."""
    with transaction(engine) as session:
        age = session.scalar(
            select(func.extract("epoch", func.now() - func.min(OutboxMessage.created_at))).where(
                OutboxMessage.sent_at.is_(None)
            )
        )
    if age is not None:
        log.info("messages wait", extra={"fields": {"outbox_age": round(float(age))}})


def _relay(session: Session, publisher: Publisher, troubled: set[str]) -> bool:
    """Send a batch, held against other relays; return whether there was one."""
    waiting = claim_unsent(session, older_than_seconds=_AGE_SECONDS, limit=BATCH, but_not=troubled)
    if not waiting:
        return False
    sent = set(publisher.publish(waiting))
    troubled |= {one.topic for one in waiting if one.id not in sent}
    tried = update(OutboxMessage).values(attempts=OutboxMessage.attempts + 1)
    session.execute(tried.where(OutboxMessage.id.in_([one.id for one in waiting])))
    session.execute(
        update(OutboxMessage).where(OutboxMessage.id.in_(sent)).values(sent_at=func.now())
    )
    return True
