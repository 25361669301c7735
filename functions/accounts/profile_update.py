"""Change the caller's own profile."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from shared.accounts.credentials import hash_password, verify_password
from shared.calls import Caller, Precondition
from shared.errors import Conflict, Invalid
from shared.models import Profile, SignInCode, UserSession
from shared.schemas.accounts import ProfileRead, ProfileUpdate


def handle(
    change: ProfileUpdate, precondition: Precondition, caller: Caller, session: Session
) -> ProfileRead:
    """Update the profile."""
    changes = change.get_changes()
    profile = session.get_one(Profile, caller.id, with_for_update=True)
    precondition.check(profile.updated_at)
    current = changes.pop("current_password", None)
    if current is not None and not verify_password(current, profile.hashed_password):
        raise Invalid.at("/current_password", "is wrong")
    if (password := changes.pop("password", None)) is not None:
        profile.hashed_password = hash_password(password)
        # Whoever knew the old password is signed out, but for the caller.
        session.execute(
            update(UserSession)
            .where(
                UserSession.user_id == caller.id,
                UserSession.id != caller.session_id,
                UserSession.revoked_at.is_(None),
            )
            .values(revoked_at=func.now())
        )
        session.execute(delete(SignInCode).where(SignInCode.user_id == caller.id))
    if (email := changes.get("email")) is not None and session.scalar(
        select(Profile.id).where(
            func.lower(Profile.email) == func.lower(email), Profile.id != caller.id
        )
    ):
        raise Conflict("An account with this e-mail address exists.")
    for name, value in changes.items():
        setattr(profile, name, value)
    session.flush()
    session.refresh(profile)
    return ProfileRead.of(profile)
