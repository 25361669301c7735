"""Change the caller's own profile."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from shared.accounts.credentials import hash_password
from shared.accounts.passwords import PasswordTry, lock_profile, prepare_check
from shared.accounts.places import Place
from shared.calls import Caller, Precondition, RequestInfo
from shared.errors import Conflict, Invalid
from shared.models import Profile, SignInCode, UserSession
from shared.schemas.accounts import ProfileRead, ProfileUpdate


def prepare(
    change: ProfileUpdate, info: RequestInfo, caller: Caller, session: Session
) -> PasswordTry | None:
    """Count the try where a password is given."""
    if "current_password" not in change.model_fields_set:
        return None
    return prepare_check(session, caller.id, Place.of(info.ip))


def handle(
    tried: PasswordTry | None,
    change: ProfileUpdate,
    precondition: Precondition,
    caller: Caller,
    session: Session,
) -> ProfileRead:
    """Update the profile."""
    changes = change.get_changes()
    current = changes.pop("current_password", None)
    if tried is None:
        profile = session.get_one(Profile, caller.id, with_for_update=True)
    elif tried.judge(current or ""):
        profile = lock_profile(session, tried)
    else:
        raise Invalid.at("/current_password", "is wrong")
    precondition.check(profile.updated_at)
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
