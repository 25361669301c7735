"""Trade the refresh token in a browser's cookie for new cookies; used twice, it ends its family."""

from sqlalchemy.orm import Session

from shared.accounts.cookies import make_cookies
from shared.accounts.sessions import trade_refresh_token
from shared.calls import Answer, Refused, RequestInfo, SessionCookies
from shared.errors import Unauthorized
from shared.schemas.accounts import WebSessionRead
from shared.settings import Settings


def handle(
    cookies: SessionCookies, info: RequestInfo, session: Session, settings: Settings
) -> Answer[WebSessionRead] | Refused:
    """Refresh a browser's session."""
    if cookies.refresh_token is None:
        raise Unauthorized("There is no cookie with a refresh token; sign in.")
    traded = trade_refresh_token(session, settings, cookies.refresh_token, info)
    if isinstance(traded, Refused):
        return traded
    return Answer(
        WebSessionRead.of(traded.model), user_id=traded.user_id, cookies=make_cookies(traded.model)
    )
