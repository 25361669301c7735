"""Open an account."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials import hash_password
from shared.calls import Answer
from shared.errors import Conflict
from shared.models import Profile
from shared.schemas.accounts import ProfileRead, UserRegister


def handle(user: UserRegister, session: Session) -> Answer[ProfileRead]:
    """Register."""
    hashed = hash_password(user.password)
    if session.scalar(
        select(Profile.id).where(func.lower(Profile.email) == func.lower(user.email))
    ):
        raise Conflict("An account with this e-mail address exists.")
    profile = Profile(email=user.email, hashed_password=hashed, full_name=user.full_name)
    session.add(profile)
    session.flush()
    session.refresh(profile)
    return Answer(ProfileRead.of(profile), user_id=profile.id)
