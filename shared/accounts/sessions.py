"""Token pairs: a short-lived access token and a refresh token that works once."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from shared.accounts.credentials import new_token
from shared.accounts.prefixes import ACCESS, REFRESH
from shared.models import UserSession
from shared.schemas.accounts import SessionRead
from shared.settings import Settings


def issue_tokens(session: Session, settings: Settings, user_id: UUID, family: UUID) -> SessionRead:
    """Issue a pair of tokens in a family; using a refresh token twice ends the whole family."""
    access, refresh = new_token(ACCESS), new_token(REFRESH)
    session.add(
        UserSession(
            user_id=user_id,
            family=family,
            access_hash=access.hash,
            refresh_hash=refresh.hash,
            access_expires_at=func.now() + timedelta(seconds=settings.access_token_life),
            expires_at=func.now() + timedelta(seconds=settings.refresh_token_life),
        )
    )
    return SessionRead(
        access_token=access.text,
        refresh_token=refresh.text,
        token_type="Bearer",
        expires_in=settings.access_token_life,
    )


def end_family(session: Session, family: UUID) -> None:
    """End every token that descends from one sign-in."""
    session.execute(
        update(UserSession)
        .where(UserSession.family == family, UserSession.revoked_at.is_(None))
        .values(revoked_at=func.now())
    )
