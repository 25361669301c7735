"""One transaction with the messages that it causes, which leave when it has committed."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from shared.database.transactions import set_system, transaction
from shared.messaging.fair_queue import enqueue, give_back, hand_out
from shared.messaging.outbox import TRACE_ATTRIBUTE, Envelope, Outbox, send
from shared.services import services

log = logging.getLogger(__name__)


@contextmanager
def unit_of_work(
    traceparent: str | None, *, on_begin: Callable[[Connection], None] | None = None
) -> Iterator[tuple[Session, Outbox]]:
    """Yield a session and its outbox; commit at the end of the block, then publish.

    Publishing comes before the call is answered: afterwards the CPU may be taken away. It never
    raises, since the relay sends what is left. An error in the block rolls back, and nothing
    leaves. Messages of work that is shared out by account wait for their turn in a queue.
    `traceparent` (W3C's) travels with the messages; `on_begin` is as in `transaction`.
    """
    attributes = {TRACE_ATTRIBUTE: traceparent} if traceparent else {}
    with transaction(services().engine, on_begin=on_begin) as session:
        outbox = Outbox(session, attributes)
        yield session, outbox
        if outbox.shared:
            session.flush()
            set_system(session)
            enqueue(session, outbox)
    turns = [one for topic in sorted(outbox.topics) for one in _hand_out(topic)]
    _publish([*outbox.added, *turns])


def pass_slot_on(topic: str, message_id: str) -> None:
    """Give the slot of a message that was dealt with to whoever's turn it is.

    It never raises: the sweep hands out what is left.
    """
    _publish(_hand_out(topic, message_id))


def _hand_out(topic: str, done: str | None = None) -> list[Envelope]:
    """Commit what leaves the queue now, and return it."""
    try:
        with transaction(services().engine) as session:
            outbox = Outbox(session)
            if done is not None:
                give_back(session, done)
            hand_out(session, outbox, topic, services().settings.slots)
        return outbox.added
    except Exception:
        log.warning("work waits in the queue for the sweep", exc_info=True)
        return []


def _publish(envelopes: Sequence[Envelope]) -> None:
    if not envelopes:
        return  # and no Pub/Sub client is built
    try:
        publisher = services().publisher
    except Exception:
        log.warning("messages stay in the outbox for the relay", exc_info=True)
        return
    send(services().engine, publisher, envelopes)
