"""Sign a browser in: the tokens go into cookies that no script can read."""

from dataclasses import replace

from sqlalchemy.orm import Session

from shared.accounts.codes import prepare_code, trade_code
from shared.accounts.cookies import make_cookies, make_device_cookie
from shared.accounts.credentials import new_token
from shared.accounts.passwords import PasswordTry, prepare_sign_in, trade_password
from shared.accounts.places import Place
from shared.accounts.prefixes import DEVICE
from shared.accounts.sessions import end_web_session
from shared.accounts.throttling import Guess
from shared.calls import Answer, Refused, RequestInfo, SessionCookies
from shared.schemas.accounts import WebSessionCreate, WebSessionRead
from shared.settings import Settings


def prepare(
    credentials: WebSessionCreate, cookies: SessionCookies, info: RequestInfo, session: Session
) -> PasswordTry | Guess:
    """Count the try."""
    place = Place.of(info.ip, cookies.device)
    if credentials.email is None:
        return prepare_code(session, place)
    return prepare_sign_in(session, credentials.email, place)


def handle(
    tried: PasswordTry | Guess,
    credentials: WebSessionCreate,
    cookies: SessionCookies,
    info: RequestInfo,
    session: Session,
    settings: Settings,
) -> Answer[WebSessionRead] | Refused:
    """Sign a browser in.

    The session that it had before is ended.
    """
    device = None
    if isinstance(tried, Guess):
        traded = trade_code(session, settings, credentials.code or "", tried, info)
    else:
        if not tried.guess.is_known_device:
            device = new_token(DEVICE).text
            tried = replace(tried, place=replace(tried.place, device=device))
        traded = trade_password(session, settings, tried, credentials.password or "", info)
    if isinstance(traded, Refused):
        return traded
    end_web_session(session, cookies)
    made = make_cookies(traded.model)
    return Answer(
        WebSessionRead.of(traded.model),
        user_id=traded.user_id,
        cookies=made if device is None else (*made, make_device_cookie(device)),
    )
