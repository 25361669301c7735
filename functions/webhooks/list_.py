"""List the caller's webhooks, newest first."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import Webhook
from shared.paging import Page, paginate
from shared.queries.visible import visible_webhooks
from shared.schemas.kinds import ListQuery
from shared.schemas.webhooks import WebhookRead


def handle(query: ListQuery, caller: Caller, session: Session) -> Page[WebhookRead]:
    """List webhooks."""
    rows, following = paginate(
        session, visible_webhooks(caller), [Webhook.id], query.limit, query.cursor
    )
    return Page(items=[WebhookRead.of(row) for row in rows], next_cursor=following)
