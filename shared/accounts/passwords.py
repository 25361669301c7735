"""Trades an e-mail address and a password for tokens."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials import verify_password
from shared.accounts.sessions import issue_tokens
from shared.accounts.throttling import check_sign_ins
from shared.calls import Answer, Refused
from shared.errors import Unauthorized
from shared.models import Profile
from shared.models.base import new_id
from shared.schemas.accounts import SessionRead
from shared.settings import Settings


def trade_password(
    session: Session, settings: Settings, email: str, password: str, ip: str | None
) -> Answer[SessionRead] | Refused:
    """Return a new pair of tokens, or the refusal that counts against account and network address.

    An address without an account is refused like one with another password, and takes as long.
    Raises `TooMany` after too many refusals.
    """
    profile = session.scalar(
        select(Profile).where(func.lower(Profile.email) == func.lower(email), Profile.is_active)
    )
    check_sign_ins(session, profile.id if profile else None, ip)
    hashed = profile.hashed_password if profile else None
    if not verify_password(password, hashed) or profile is None:
        return Refused(
            Unauthorized("The e-mail address or the password is wrong."),
            user_id=profile.id if profile else None,
        )
    return Answer(issue_tokens(session, settings, profile.id, new_id()), user_id=profile.id)
