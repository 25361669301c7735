"""Trade a refresh token for a new pair; used twice, it ends its whole family."""

from sqlalchemy.orm import Session

from shared.accounts.sessions import trade_refresh_token
from shared.calls import Answer, Refused, RequestInfo
from shared.schemas.accounts import SessionRead, SessionRefresh
from shared.settings import Settings


def handle(
    token: SessionRefresh, info: RequestInfo, session: Session, settings: Settings
) -> Answer[SessionRead] | Refused:
    """Refresh a session."""
    return trade_refresh_token(session, settings, token.refresh_token, info)
