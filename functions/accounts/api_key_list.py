"""List the caller's API keys, newest first."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import ApiKey
from shared.paging import Page, paginate
from shared.queries.visible import visible_api_keys
from shared.schemas.accounts import ApiKeyRead
from shared.schemas.kinds import ListQuery


def handle(query: ListQuery, caller: Caller, session: Session) -> Page[ApiKeyRead]:
    """List API keys."""
    rows, following = paginate(
        session, visible_api_keys(caller), [ApiKey.id], query.limit, query.cursor
    )
    return Page(items=[ApiKeyRead.of(row) for row in rows], next_cursor=following)
