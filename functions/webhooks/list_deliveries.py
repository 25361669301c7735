"""List what was and is to be sent to a webhook, newest first."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import WebhookDelivery
from shared.paging import Page, paginate
from shared.queries.visible import visible_webhook, visible_webhook_deliveries
from shared.schemas.webhooks import WebhookDeliveryQuery, WebhookDeliveryRead


def handle(
    webhook_id: UUID, query: WebhookDeliveryQuery, caller: Caller, session: Session
) -> Page[WebhookDeliveryRead]:
    """List a webhook's deliveries."""
    webhook = visible_webhook(session, caller, webhook_id)
    deliveries = visible_webhook_deliveries(caller).where(WebhookDelivery.webhook_id == webhook.id)
    if query.status is not None:
        deliveries = deliveries.where(WebhookDelivery.status == query.status)
    rows, following = paginate(session, deliveries, [WebhookDelivery.id], query.limit, query.cursor)
    return Page(items=[WebhookDeliveryRead.of(row) for row in rows], next_cursor=following)
