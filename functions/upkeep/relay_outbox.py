"""Send what a crash left in the outbox."""

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from shared.messages import RelayDue
from shared.models import OutboxMessage
from shared.outbox import Publisher, claim_unsent

_BATCH = 1000
# Younger rows are being sent by the call that wrote them.
_AGE_SECONDS = 10


def handle(due: RelayDue, session: Session, publisher: Publisher) -> None:
    """Publish unsent messages, oldest first."""
    while waiting := claim_unsent(session, older_than_seconds=_AGE_SECONDS, limit=_BATCH):
        sent = publisher.publish(waiting)
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_([one.id for one in waiting]))
            .values(attempts=OutboxMessage.attempts + 1)
        )
        session.execute(
            update(OutboxMessage).where(OutboxMessage.id.in_(sent)).values(sent_at=func.now())
        )
        if len(sent) < len(waiting):
            break  # Pub/Sub is in trouble; the next run goes on
