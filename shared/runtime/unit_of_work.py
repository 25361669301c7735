"""One transaction with the messages that it causes, which leave when it has committed."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
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
    leaves. `traceparent` (W3C's) travels with the messages; `on_begin` is as in `transaction`.
    """
    attributes = {TRACE_ATTRIBUTE: traceparent} if traceparent else {}
    with transaction(services().engine, on_begin=on_begin) as session:
        outbox = Outbox(session, attributes)
        yield session, outbox
    _publish(outbox.added)


def _publish(envelopes: Sequence[Envelope]) -> None:
    if not envelopes:
        return  # and no Pub/Sub client is built
    try:
        publisher = services().publisher
    except Exception:
        log.warning("messages stay in the outbox for the relay", exc_info=True)
        return
    send(services().engine, publisher, envelopes)
