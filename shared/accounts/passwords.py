"""Trades an e-mail address and a password for tokens, in two steps: count the try, then judge it.

The first is committed before the second begins, so that tries at the same time are counted like
tries one after the other; the second holds no connection while it hashes.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine, func, literal, select
from sqlalchemy.orm import Session

from shared.accounts.credentials import verify_password
from shared.accounts.places import Place, remember_place
from shared.accounts.sessions import issue_tokens
from shared.accounts.throttling import Guess, count_try, forgive_try
from shared.calls import Answer, Refused, RequestInfo
from shared.database.transactions import transaction
from shared.errors import Conflict, Invalid, Unauthorized
from shared.models import Profile
from shared.models.base import new_id
from shared.schemas.accounts import SessionRead
from shared.settings import Settings


@dataclass(frozen=True)
class PasswordTry:
    """A try at a password that was counted, and the account that it may open."""

    guess: Guess
    place: Place
    user_id: UUID | None
    hashed: str | None

    def judge(self, password: str) -> bool:
        """Return whether the password is right, in equal time where there is no account.

        Raises `TooMany` where its like has to wait.
        """
        self.guess.check_place()
        is_right = verify_password(password, self.hashed) and self.user_id is not None
        self.guess.check_subject(is_right=is_right)
        return is_right


def prepare_sign_in(session: Session, email: str, place: Place) -> PasswordTry:
    """Count a try to sign in, and find the account of an e-mail address, or none."""
    asked = select(func.lower(literal(email)).label("email")).subquery()
    row = session.execute(
        select(asked.c.email, Profile.id, Profile.hashed_password)
        .select_from(asked)
        .outerjoin(Profile, (func.lower(Profile.email) == asked.c.email) & Profile.is_active)
    ).one()
    guess = count_try(session, f"e-mail {row[0]}", row[1], place)
    return PasswordTry(guess, place, row[1], row[2])


def check_own_password(engine: Engine, user_id: UUID, place: Place, password: str) -> PasswordTry:
    """Return the try of somebody who is signed in at the account's own password, which is right.

    Callers may not write counts: this takes transactions of its own, so call it while none is
    open. Raises `Invalid` for another password, and `TooMany` where its like has to wait.
    """
    with transaction(engine) as counting:
        hashed = counting.scalar(select(Profile.hashed_password).where(Profile.id == user_id))
        guess = count_try(counting, f"password {user_id}", user_id, place)
    tried = PasswordTry(guess, place, user_id, hashed)
    if not tried.judge(password):
        raise Invalid.at("/current_password", "is wrong")
    with transaction(engine) as counting:
        forgive_try(counting, guess)
    return tried


def lock_profile(session: Session, tried: PasswordTry) -> Profile:
    """Return the account's row, locked, whose password was found to be right.

    Raises `Conflict` when it was changed since.
    """
    profile = session.get_one(Profile, tried.user_id, with_for_update=True)
    if profile.hashed_password != tried.hashed:
        raise Conflict("The password was changed meanwhile.")
    return profile


def trade_password(
    session: Session, settings: Settings, tried: PasswordTry, password: str, info: RequestInfo
) -> Answer[SessionRead] | Refused:
    """Return a new pair of tokens, or the refusal.

    An address without an account is refused like one with another password, and takes as long.
    Raises `TooMany` where its like has to wait.
    """
    is_right = tried.judge(password)
    user_id = tried.user_id and session.scalar(
        select(Profile.id).where(
            Profile.id == tried.user_id,
            Profile.is_active,
            Profile.hashed_password == tried.hashed,
        )
    )
    if not is_right or user_id is None:
        return Refused(
            Unauthorized("The e-mail address or the password is wrong."), user_id=tried.user_id
        )
    forgive_try(session, tried.guess)
    remember_place(session, user_id, tried.place)
    return Answer(issue_tokens(session, settings, user_id, new_id(), info), user_id=user_id)
