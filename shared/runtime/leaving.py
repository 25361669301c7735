"""Sends what a call has committed, before its answer: afterwards the CPU may be taken away."""

import logging
from collections.abc import Sequence

from shared.messaging.outbox import Envelope, send
from shared.services import services

log = logging.getLogger(__name__)


def send_committed(leaving: Sequence[Envelope]) -> None:
    """Publishes messages whose transaction has committed. Never raises: the relay sends the rest.

    A call without messages builds no Pub/Sub client.
    """
    if not leaving:
        return
    try:
        publisher = services().publisher
    except Exception:
        log.warning("messages stay in the outbox for the relay", exc_info=True)
        return
    send(services().engine, publisher, leaving)
