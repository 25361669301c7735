"""Show the caller's own profile."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import Profile
from shared.schemas.accounts import ProfileRead


def handle(caller: Caller, session: Session) -> ProfileRead:
    """Get the profile."""
    return ProfileRead.of(session.get_one(Profile, caller.id))
