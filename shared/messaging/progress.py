"""Progress of shared work: what waits, for how long, and whether any of it goes on."""

from dataclasses import dataclass

from sqlalchemy import func, lateral, literal, select, union_all
from sqlalchemy.orm import Session

from shared.messaging.messages import list_shared
from shared.models import QueuedMessage

# Longer than a function may run: what took every slot so long ago hangs, or nobody hands out.
STALLED_AFTER = 600  # seconds


@dataclass(frozen=True)
class Waiting:
    """One kind of work that waits.

    `age` are the seconds that the oldest piece has waited, `idle` those since one was begun.
    """

    topic: str
    age: float
    idle: float | None  # none was begun that is still remembered

    @property
    def is_stalled(self) -> bool:
        """Return whether none was begun for long although one waits."""
        idle = self.age if self.idle is None else min(self.idle, self.age)
        return idle > STALLED_AFTER


def find_waiting(session: Session) -> list[Waiting]:
    """Return the kinds of work that wait, by topic; two steps of an index for each kind."""
    topics = union_all(*(select(literal(one.topic).label("topic")) for one in list_shared()))
    kinds = topics.subquery("kinds")
    queued = QueuedMessage
    oldest = lateral(
        select(queued.created_at)
        .where(queued.topic == kinds.c.topic, queued.sent_at.is_(None))
        .order_by(queued.id)
        .limit(1)
    ).alias("oldest")
    begun = (
        select(func.max(queued.sent_at))
        .where(queued.topic == kinds.c.topic, queued.sent_at.is_not(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            kinds.c.topic,
            func.extract("epoch", func.now() - oldest.c.created_at),
            func.extract("epoch", func.now() - begun),
        )
        .join(oldest, literal(True))
        .order_by(kinds.c.topic)
    )
    return [
        Waiting(topic, max(0.0, float(age)), None if idle is None else max(0.0, float(idle)))
        for topic, age, idle in rows
    ]
