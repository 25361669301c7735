"""End one session of the caller's account."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.accounts.sessions import end_family
from shared.calls import Caller
from shared.errors import NotFound
from shared.models import UserSession
from shared.queries.visible import visible_sessions


def handle(session_id: UUID, caller: Caller, session: Session) -> None:
    """End a session."""
    found = session.scalars(
        visible_sessions(caller).where(UserSession.family == session_id).limit(1)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such session.")
    end_family(session, found.family)
