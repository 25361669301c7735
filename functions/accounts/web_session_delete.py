"""End a browser's session, if it has not ended yet, and clear its cookies."""

from sqlalchemy.orm import Session

from shared.accounts.cookies import clear_cookies
from shared.accounts.sessions import end_web_session
from shared.calls import Done, SessionCookies


def handle(cookies: SessionCookies, session: Session) -> Done:
    """Sign a browser out."""
    return Done(clear_cookies(), user_id=end_web_session(session, cookies))
