"""Codes that sign a browser in to the account of whoever asked for them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials import hash_token, new_token
from shared.accounts.places import Place
from shared.accounts.prefixes import CODE
from shared.accounts.sessions import issue_tokens
from shared.accounts.throttling import Guess, count_try, forgive_try
from shared.calls import Answer, Refused, RequestInfo
from shared.errors import Unauthorized
from shared.models import Profile, SignInCode
from shared.models.base import new_id
from shared.schemas.accounts import SessionRead, SignInCodeRead
from shared.settings import Settings


def issue_code(
    session: Session, user_id: UUID, life: int, *, is_reusable: bool = False
) -> SignInCodeRead:
    """Issue a code that works for `life` seconds: once, or as often as it is sent."""
    code = new_token(CODE)
    expires_at = datetime.now(UTC) + timedelta(seconds=life)
    session.add(
        SignInCode(
            user_id=user_id, code_hash=code.hash, expires_at=expires_at, is_reusable=is_reusable
        )
    )
    return SignInCodeRead(code=code.text, expires_at=expires_at, url=f"/#code={code.text}")


def prepare_code(session: Session, place: Place) -> Guess:
    """Count a try of a code, by the network address that it comes from."""
    return count_try(session, None, None, place)


def trade_code(
    session: Session, settings: Settings, code: str, guess: Guess, info: RequestInfo
) -> Answer[SessionRead] | Refused:
    """Return a new pair of tokens, or the refusal.

    A code that is unknown, used, expired or of a deleted account is refused without saying which.
    Raises `TooMany` where its like has to wait.
    """
    guess.check_place()
    found = session.scalar(
        select(SignInCode)
        .join(Profile, Profile.id == SignInCode.user_id)
        .where(
            SignInCode.code_hash == hash_token(code),
            SignInCode.expires_at > func.now(),
            Profile.is_active,
        )
        .with_for_update(of=SignInCode)  # whoever waits here for another finds it gone
    )
    if found is None:
        return Refused(Unauthorized("The code is wrong, has expired or was used before."))
    if not found.is_reusable:
        session.delete(found)
    forgive_try(session, guess)
    return Answer(
        issue_tokens(session, settings, found.user_id, new_id(), info), user_id=found.user_id
    )
