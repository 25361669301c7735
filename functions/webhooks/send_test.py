"""Send a webhook an event of no consequence, to see whether it arrives."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_webhook
from shared.quotas import QUOTAS, check_quota
from shared.schemas.webhooks import WebhookDeliveryRead
from shared.webhooks.claims import wake_webhook
from shared.webhooks.events import count_waiting, make_test


def handle(
    webhook_id: UUID, caller: Caller, session: Session, outbox: Outbox
) -> WebhookDeliveryRead:
    """Test a webhook.

    The event `webhook.test` is sent at once, signed as any other; the list of deliveries says what
    came of it.
    """
    webhook = visible_webhook(session, caller, webhook_id, lock=True)
    if not webhook.is_active:
        raise Conflict("The webhook is paused; resume it first, with is_active true.")
    waiting = count_waiting(session, caller.id)
    check_quota(waiting, QUOTAS.waiting_deliveries, "deliveries that wait", retry_after=60)
    delivery = make_test(webhook.id)
    session.add(delivery)
    wake_webhook(outbox, webhook)
    session.flush()
    session.refresh(delivery)
    return WebhookDeliveryRead.of(delivery)
