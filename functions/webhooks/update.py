"""Change a webhook's address or events, pause it, or resume it."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller, Precondition
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_webhook
from shared.schemas.webhooks import WebhookRead, WebhookUpdate
from shared.settings import Settings
from shared.webhooks.addresses import check_address
from shared.webhooks.claims import wake_webhook
from shared.webhooks.pausing import pause_webhook, resume_webhook


def handle(
    webhook_id: UUID,
    wanted: WebhookUpdate,
    precondition: Precondition,
    caller: Caller,
    session: Session,
    settings: Settings,
    outbox: Outbox,
) -> WebhookRead:
    """Update a webhook.

    While it is paused nothing is sent to it; what happens meanwhile waits, and is sent at once when
    it is resumed. A new address is sent to at once, too.
    """
    changes = wanted.get_changes()
    if "url" in changes:
        changes["url"] = check_address(changes["url"], settings)
    webhook = visible_webhook(session, caller, webhook_id, lock=True)
    precondition.check(webhook.updated_at)
    is_active = changes.pop("is_active", webhook.is_active)
    moved = changes.get("url", webhook.url) != webhook.url
    for name, value in changes.items():
        setattr(webhook, name, value)
    if not is_active and webhook.is_active:
        pause_webhook(session, webhook, None)
    elif is_active and (moved or not webhook.is_active):
        resume_webhook(session, webhook)
        wake_webhook(outbox, webhook)
    session.flush()
    session.refresh(webhook)
    return WebhookRead.of(webhook)
