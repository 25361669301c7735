"""Give a webhook a new secret; the one before signs too for a day."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.queries.visible import visible_webhook
from shared.schemas.webhooks import WebhookSecretRead
from shared.webhooks.signing import make_secret

_OVERLAP = timedelta(days=1)


def handle(webhook_id: UUID, caller: Caller, session: Session) -> WebhookSecretRead:
    """Rotate a webhook's secret.

    For 24 hours deliveries carry two signatures, so that a receiver may change over in between.
    """
    webhook = visible_webhook(session, caller, webhook_id, lock=True)
    webhook.old_secret, webhook.secret = webhook.secret, make_secret()
    webhook.old_secret_expires_at = func.now() + _OVERLAP
    secret = webhook.secret
    session.flush()
    session.refresh(webhook)
    return WebhookSecretRead.of(webhook, secret=secret)
