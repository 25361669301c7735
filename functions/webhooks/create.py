"""Register an address for events; the answer shows its signing secret this once."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import Webhook
from shared.queries.visible import visible_webhooks
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.webhooks import WebhookCreate, WebhookCreated
from shared.settings import Settings
from shared.webhooks.addresses import check_address
from shared.webhooks.signing import make_secret


def handle(
    wanted: WebhookCreate, caller: Caller, session: Session, settings: Settings
) -> WebhookCreated:
    """Create a webhook."""
    url = check_address(wanted.url, settings)
    lock_and_check_quota(session, caller, visible_webhooks(caller), QUOTAS.webhooks, "webhooks")
    secret = make_secret()
    webhook = Webhook(user_id=caller.id, url=url, events=wanted.events, secret=secret)
    session.add(webhook)
    session.flush()
    session.refresh(webhook)
    return WebhookCreated.of(webhook, secret=secret)
