"""End every session of the caller's account but the one that asks."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import UserSession


def handle(caller: Caller, session: Session) -> None:
    """End all other sessions.

    A call with an API key has no session of its own, and ends all.
    """
    own = select(UserSession.family).where(UserSession.id == caller.session_id)
    session.execute(
        update(UserSession)
        .where(
            UserSession.user_id == caller.id,
            UserSession.revoked_at.is_(None),
            UserSession.family.not_in(own),
        )
        .values(revoked_at=func.now())
        .execution_options(synchronize_session=False)
    )
