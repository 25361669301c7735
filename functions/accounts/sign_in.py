"""Trade an e-mail address and a password for a pair of tokens."""

from sqlalchemy.orm import Session

from shared.accounts.passwords import PasswordTry, prepare_sign_in, trade_password
from shared.accounts.places import Place
from shared.calls import Answer, Refused, RequestInfo
from shared.schemas.accounts import SessionCreate, SessionRead
from shared.settings import Settings


def prepare(credentials: SessionCreate, info: RequestInfo, session: Session) -> PasswordTry:
    """Count the try."""
    return prepare_sign_in(session, credentials.email, Place.of(info.ip))


def handle(
    tried: PasswordTry,
    credentials: SessionCreate,
    info: RequestInfo,
    session: Session,
    settings: Settings,
) -> Answer[SessionRead] | Refused:
    """Sign in."""
    return trade_password(session, settings, tried, credentials.password, info)
