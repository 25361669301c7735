"""Show a webhook, and whether what is sent to it arrives."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.queries.visible import visible_webhook
from shared.schemas.webhooks import WebhookRead


def handle(webhook_id: UUID, caller: Caller, session: Session) -> WebhookRead:
    """Get a webhook."""
    return WebhookRead.of(visible_webhook(session, caller, webhook_id))
