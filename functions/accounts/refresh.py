"""Trade a refresh token for a new pair; used twice, it ends its whole family."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.accounts.credentials import hash_token
from shared.accounts.sessions import end_family, issue_tokens
from shared.calls import Answer, Refused
from shared.errors import Unauthorized
from shared.models import Profile, UserSession
from shared.schemas.accounts import SessionRead, SessionRefresh
from shared.settings import Settings


def handle(
    token: SessionRefresh, session: Session, settings: Settings
) -> Answer[SessionRead] | Refused:
    """Refresh a session."""
    found = session.scalar(
        select(UserSession)
        .join(Profile, Profile.id == UserSession.user_id)
        .where(UserSession.refresh_hash == hash_token(token.refresh_token), Profile.is_active)
        .with_for_update(of=UserSession)
    )
    now = session.scalar(select(func.now()))
    if found is None or now is None or found.revoked_at is not None or found.expires_at <= now:
        raise Unauthorized("The refresh token is wrong, has expired or was revoked.")
    if found.used_at is not None:
        end_family(session, found.family)
        return Refused(
            Unauthorized("The refresh token was used before; sign in again."),
            user_id=found.user_id,
        )
    found.used_at = now
    # The pair is traded whole: its access token ends with it.
    session.execute(
        update(UserSession).where(UserSession.id == found.id).values(access_expires_at=func.now())
    )
    return Answer(
        issue_tokens(session, settings, found.user_id, found.family), user_id=found.user_id
    )
