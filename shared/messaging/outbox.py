"""Messages leave after commit: rows of the outbox, sent at once and again by the relay.

A row is written in the transaction that causes the message (the transactional outbox pattern), so
a message exists exactly when its cause does. Sending right after commit gives the latency; the
relay, which claims unsent rows, gives the guarantee. A message may be sent twice, under the same
`pixmill-id`, by which consumers recognise it.
"""

import json
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.messaging.messages import Message
from shared.models import OutboxMessage
from shared.models.base import new_id

log = logging.getLogger(__name__)

ID_ATTRIBUTE = "pixmill-id"
TOPIC_ATTRIBUTE = "pixmill-topic"  # still says what a message is when it is a dead letter
TRACE_ATTRIBUTE = "traceparent"
# Begins the attributes that Pub/Sub adds to what it forwards to a dead-letter topic.
DEAD_LETTER_SOURCE = "CloudPubSubDeadLetterSource"


@dataclass(frozen=True)
class Envelope:
    """A published message: a topic, a JSON body and string attributes, under a lasting id."""

    id: UUID
    topic: str
    body: dict[str, Any]
    attributes: dict[str, str]

    @property
    def data(self) -> bytes:
        """The message's payload."""
        return json.dumps(self.body, separators=(",", ":")).encode()


class Publisher(Protocol):
    """Sends envelopes."""

    def publish(self, envelopes: Sequence[Envelope]) -> list[UUID]:
        """Send all; return the ids of those that were accepted."""
        ...

    def check(self) -> None:
        """Raise when nothing can be published."""
        ...


@dataclass
class Outbox:
    """The messages that one transaction causes.

    Those whose work is shared out by account are `shared`: whoever ends the transaction puts them
    into the fair queue (`shared/messaging/fair_queue.py`). `topics` are those of which more may
    leave afterwards.
    """

    session: Session
    attributes: dict[str, str] = field(default_factory=dict)
    added: list[Envelope] = field(default_factory=list)
    shared: list[tuple[Message, Envelope]] = field(default_factory=list)
    topics: set[str] = field(default_factory=set)

    def add(self, *messages: Message) -> None:
        """Write messages that leave when the transaction has committed; all in one statement."""
        self.shared += [(one, self._make_envelope(one)) for one in messages if one.slots]
        self.write([self._make_envelope(one) for one in messages if not one.slots])

    def write(self, made: Sequence[Envelope]) -> None:
        """Write envelopes that leave when the transaction has committed."""
        if made:
            # RETURNING, because only then SQLAlchemy sends many rows at once with pg8000.
            self.session.execute(
                insert(OutboxMessage).returning(OutboxMessage.id),
                [
                    {
                        "id": one.id,
                        "topic": one.topic,
                        "message": one.body,
                        "attributes": one.attributes,
                    }
                    for one in made
                ],
            )
        self.added += made

    def _make_envelope(self, message: Message) -> Envelope:
        identity = new_id()
        attributes = {
            **self.attributes,
            ID_ATTRIBUTE: str(identity),
            TOPIC_ATTRIBUTE: message.topic,
        }
        body = message.model_dump(mode="json", by_alias=True)
        return Envelope(identity, message.topic, body, attributes)


def send(engine: Engine, publisher: Publisher, envelopes: Sequence[Envelope]) -> int:
    """Publish committed envelopes, and note those that are sent; return how many were.

    Failing is not an error: the relay sends what is left.
    """
    if not envelopes:
        return 0
    try:
        sent = publisher.publish(envelopes)
        if sent:
            with transaction(engine) as session:
                session.execute(
                    update(OutboxMessage)
                    .where(OutboxMessage.id.in_(sent))
                    .values(sent_at=func.now(), attempts=OutboxMessage.attempts + 1)
                )
        return len(sent)
    except Exception:
        log.warning("messages stay in the outbox for the relay", exc_info=True)
        return 0


def claim_unsent(
    session: Session, *, older_than_seconds: int, limit: int, but_not: Collection[str] = ()
) -> list[Envelope]:
    """Lock unsent rows for the relay and return them, without those that another relay holds.

    Rows younger than `older_than_seconds` are left to the call that wrote them, and those of the
    topics in `but_not` to another run.
    """
    rows = session.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.created_at < func.now() - timedelta(seconds=older_than_seconds),
            OutboxMessage.topic.not_in(but_not),
        )
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    return [Envelope(row.id, row.topic, row.message, row.attributes) for row in rows]
