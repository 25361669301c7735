"""Webhooks that are not called for a while, and called again."""

from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from shared.models import Webhook, WebhookDelivery


def pause_webhook(session: Session, webhook: Webhook, error: str | None) -> None:
    """Stop calling a webhook, which is locked; what happens meanwhile waits for it."""
    webhook.is_active = False
    webhook.due_at = None
    webhook.error = error
    _reschedule(session, webhook.id, None)


def resume_webhook(session: Session, webhook: Webhook) -> None:
    """Call a webhook, which is locked, again; all that waits is due at once."""
    webhook.is_active = True
    webhook.failures, webhook.failing_since, webhook.error = 0, None, None
    _reschedule(session, webhook.id, func.now())


def _reschedule(session: Session, webhook_id: UUID, time: object) -> None:
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.status == "pending")
        .values(next_attempt_at=time)
        .execution_options(synchronize_session="fetch")
    )
