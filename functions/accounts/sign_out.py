"""End the session that the caller is signed in with."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.sessions import end_family
from shared.calls import Caller
from shared.errors import Conflict
from shared.models import UserSession


def handle(caller: Caller, session: Session) -> None:
    """Sign out."""
    if caller.session_id is None:
        raise Conflict("An API key has no session to end; revoke the key instead.")
    family = session.scalar(
        select(UserSession.family).where(
            UserSession.id == caller.session_id, UserSession.user_id == caller.id
        )
    )
    if family is not None:
        end_family(session, family)
