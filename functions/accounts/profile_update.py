"""Change the caller's own profile."""

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from shared.accounts.credentials import hash_password
from shared.accounts.passwords import check_own_password, lock_profile
from shared.accounts.places import Place
from shared.calls import Caller, Precondition, RequestInfo
from shared.errors import Conflict
from shared.models import Profile, SignInCode, UserSession
from shared.schemas.accounts import ProfileRead, ProfileUpdate


def prepare(info: RequestInfo) -> Place:
    """Say where it comes from: what follows opens a transaction when the password was judged."""
    return Place.of(info.ip)


def handle(
    place: Place,
    change: ProfileUpdate,
    precondition: Precondition,
    caller: Caller,
    engine: Engine,
    session: Session,
) -> ProfileRead:
    """Update the profile."""
    changes = change.get_changes()
    current = changes.pop("current_password", None)
    if current is None:
        profile = session.get_one(Profile, caller.id, with_for_update=True)
    else:
        tried = check_own_password(engine, caller.id, place, current)
        profile = lock_profile(session, tried)
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
