"""Sign a browser in: the tokens go into cookies that no script can read."""

from sqlalchemy.orm import Session

from shared.accounts.codes import trade_code
from shared.accounts.cookies import make_cookies
from shared.accounts.passwords import trade_password
from shared.accounts.sessions import end_web_session
from shared.calls import Answer, Refused, RequestInfo, SessionCookies
from shared.schemas.accounts import WebSessionCreate, WebSessionRead
from shared.settings import Settings


def handle(
    credentials: WebSessionCreate,
    cookies: SessionCookies,
    info: RequestInfo,
    session: Session,
    settings: Settings,
) -> Answer[WebSessionRead] | Refused:
    """Sign a browser in.

    The session that it had before is ended.
    """
    if credentials.code is not None:
        traded = trade_code(session, settings, credentials.code, info.ip)
    else:
        email, password = credentials.email or "", credentials.password or ""
        traded = trade_password(session, settings, email, password, info.ip)
    if isinstance(traded, Refused):
        return traded
    end_web_session(session, cookies)
    return Answer(
        WebSessionRead.of(traded.model), user_id=traded.user_id, cookies=make_cookies(traded.model)
    )
