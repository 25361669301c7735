"""Send a delivery again, whatever became of it."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_webhook, visible_webhook_delivery
from shared.quotas import QUOTAS, check_quota
from shared.schemas.webhooks import WebhookDeliveryRead
from shared.webhooks.claims import wake_webhook
from shared.webhooks.events import count_waiting


def handle(
    delivery_id: UUID, caller: Caller, session: Session, outbox: Outbox
) -> WebhookDeliveryRead:
    """Replay a delivery.

    The same body goes out at once under the same `webhook-id`, and with as many attempts as a new
    one has. A receiver that remembers ids sees that it had this one.
    """
    webhook_id = visible_webhook_delivery(session, caller, delivery_id).webhook_id
    webhook = visible_webhook(session, caller, webhook_id, lock=True)
    if not webhook.is_active:
        raise Conflict("The webhook is paused; resume it first, with is_active true.")
    delivery = visible_webhook_delivery(session, caller, delivery_id, lock=True)
    if delivery.status != "pending":
        waiting = count_waiting(session, caller.id)
        check_quota(waiting, QUOTAS.waiting_deliveries, "deliveries that wait", retry_after=60)
    delivery.status, delivery.attempts = "pending", 0
    delivery.error = delivery.response_status = delivery.response_excerpt = None
    delivery.delivered_at = None
    delivery.next_attempt_at = func.now()
    wake_webhook(outbox, webhook)
    session.flush()
    session.refresh(delivery)
    return WebhookDeliveryRead.of(delivery)
