"""Trade an e-mail address and a password for a pair of tokens."""

from sqlalchemy.orm import Session

from shared.accounts.passwords import trade_password
from shared.calls import Answer, Refused, RequestInfo
from shared.schemas.accounts import SessionCreate, SessionRead
from shared.settings import Settings


def handle(
    credentials: SessionCreate, info: RequestInfo, session: Session, settings: Settings
) -> Answer[SessionRead] | Refused:
    """Sign in."""
    return trade_password(session, settings, credentials.email, credentials.password, info.ip)
