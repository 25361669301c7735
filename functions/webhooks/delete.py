"""Delete a webhook with all that was or is to be sent to it."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.queries.visible import visible_webhook


def handle(webhook_id: UUID, caller: Caller, session: Session) -> None:
    """Delete a webhook."""
    session.delete(visible_webhook(session, caller, webhook_id))
