"""Revoke an API key at once."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import NotFound
from shared.models import ApiKey
from shared.queries.visible import visible_api_keys


def handle(api_key_id: UUID, caller: Caller, session: Session) -> None:
    """Revoke an API key."""
    key = session.scalar(visible_api_keys(caller).where(ApiKey.id == api_key_id))
    if key is None:
        raise NotFound("There is no such API key.")
    key.is_active = False
