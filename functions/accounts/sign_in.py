"""Trade an e-mail address and a password for a pair of tokens."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials import verify_password
from shared.accounts.sessions import issue_tokens
from shared.accounts.throttling import check_sign_ins
from shared.calls import Answer, Refused, RequestInfo
from shared.errors import Unauthorized
from shared.models import Profile
from shared.models.base import new_id
from shared.schemas.accounts import SessionCreate, SessionRead
from shared.settings import Settings


def handle(
    credentials: SessionCreate, info: RequestInfo, session: Session, settings: Settings
) -> Answer[SessionRead] | Refused:
    """Sign in."""
    profile = session.scalar(
        select(Profile).where(
            func.lower(Profile.email) == func.lower(credentials.email), Profile.is_active
        )
    )
    check_sign_ins(session, profile.id if profile else None, info.ip)
    hashed = profile.hashed_password if profile else None
    if not verify_password(credentials.password, hashed) or profile is None:
        return Refused(
            Unauthorized("The e-mail address or the password is wrong."),
            user_id=profile.id if profile else None,
        )
    return Answer(issue_tokens(session, settings, profile.id, new_id()), user_id=profile.id)
