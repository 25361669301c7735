"""Make an API key; the answer shows it this once."""

from sqlalchemy.orm import Session

from shared.accounts.credentials import new_token
from shared.accounts.prefixes import API_KEY
from shared.calls import Caller
from shared.models import ApiKey
from shared.queries.visible import visible_api_keys
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.accounts import ApiKeyCreate, ApiKeyCreated


def handle(wanted: ApiKeyCreate, caller: Caller, session: Session) -> ApiKeyCreated:
    """Create an API key."""
    active = visible_api_keys(caller).where(ApiKey.is_active)
    lock_and_check_quota(session, caller, active, QUOTAS.api_keys, "API keys")
    token = new_token(API_KEY)
    key = ApiKey(
        user_id=caller.id,
        name=wanted.name,
        prefix=token.prefix,
        key_hash=token.hash,
        expires_at=wanted.expires_at,
    )
    session.add(key)
    session.flush()
    session.refresh(key)
    return ApiKeyCreated.of(key, key=token.text)
