"""Token pairs: a short-lived access token and a refresh token that works once."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from shared.accounts.credentials import hash_token, new_token
from shared.accounts.prefixes import ACCESS, REFRESH
from shared.calls import Answer, Refused, RequestInfo, SessionCookies
from shared.errors import Unauthorized
from shared.models import Profile, UserSession
from shared.schemas.accounts import SessionRead
from shared.settings import Settings


def issue_tokens(
    session: Session,
    settings: Settings,
    user_id: UUID,
    family: UUID,
    info: RequestInfo | None = None,
) -> SessionRead:
    """Issue a pair of tokens in a family; using a refresh token twice ends the whole family.

    `info` is the request that it answers, whose address and program the list of sessions shows.
    """
    access, refresh = new_token(ACCESS), new_token(REFRESH)
    session.add(
        UserSession(
            user_id=user_id,
            family=family,
            access_hash=access.hash,
            refresh_hash=refresh.hash,
            ip_address=info and info.ip,
            user_agent=info and info.user_agent,
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


def trade_refresh_token(
    session: Session, settings: Settings, token: str, info: RequestInfo
) -> Answer[SessionRead] | Refused:
    """Return a new pair for a refresh token; one that was used before ends its family instead.

    Raises `Unauthorized` for a token that is unknown, expired or revoked.
    """
    found = session.scalar(
        select(UserSession)
        .join(Profile, Profile.id == UserSession.user_id)
        .where(UserSession.refresh_hash == hash_token(token), Profile.is_active)
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
        issue_tokens(session, settings, found.user_id, found.family, info), user_id=found.user_id
    )


def end_family(session: Session, family: UUID) -> None:
    """End every token that descends from one sign-in."""
    session.execute(
        update(UserSession)
        .where(UserSession.family == family, UserSession.revoked_at.is_(None))
        .values(revoked_at=func.now())
    )


def end_web_session(session: Session, cookies: SessionCookies) -> UUID | None:
    """End the sessions to which either cookie belongs, expired or not; return whose it was.

    Runs as the system role: whoever has one of the tokens may end what it opens.
    """
    hashes = [hash_token(one) for one in (cookies.access_token, cookies.refresh_token) if one]
    user_id = None
    for row in session.execute(
        select(UserSession.family, UserSession.user_id).where(
            or_(UserSession.access_hash.in_(hashes), UserSession.refresh_hash.in_(hashes))
        )
    ):
        end_family(session, row.family)
        user_id = row.user_id
    return user_id
