"""Post what is due to one webhook, one delivery after the other, until one fails."""

from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.database.transactions import transaction
from shared.fetching.addresses import AddressPolicy
from shared.messaging.messages import WebhookReady
from shared.messaging.outbox import Outbox
from shared.webhooks.claims import ClaimedWebhook, claim_webhook, release_webhook
from shared.webhooks.sending import send_delivery
from shared.webhooks.settling import record_attempt

_BUDGET = 30.0  # seconds after which no further post begins; others wait for this instance


def prepare(ready: WebhookReady, session: Session) -> ClaimedWebhook | None:
    """Lease the webhook; None when nothing is due or another worker has it."""
    return claim_webhook(session, ready.webhook_id)


def handle(
    claimed: ClaimedWebhook,
    engine: Engine,
    addresses: AddressPolicy,
    session: Session,
    outbox: Outbox,
) -> None:
    """Deliver to a webhook.

    Each post is written down before the next one, so a worker that dies has at most one post
    repeated.
    """
    deadline = monotonic() + _BUDGET
    for delivery in claimed.due:
        answer = send_delivery(addresses, claimed, delivery)
        with transaction(engine) as writing:
            goes_on = record_attempt(writing, claimed, delivery, answer)
        if not goes_on or monotonic() > deadline:
            break
    release_webhook(session, outbox, claimed)
