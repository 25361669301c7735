"""Make a code that signs a browser in to the caller's account; the answer shows it this once."""

from sqlalchemy import func
from sqlalchemy.orm import Session

from shared.accounts.codes import issue_code
from shared.calls import Caller
from shared.models import SignInCode
from shared.queries.visible import visible_sign_in_codes
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.accounts import SignInCodeRead
from shared.settings import Settings


def handle(caller: Caller, session: Session, settings: Settings) -> SignInCodeRead:
    """Create a sign-in code.

    It works once and for a few minutes, at POST /v1/web-sessions; `url`, which belongs behind the
    deployment's address, opens the console with it.
    """
    waiting = visible_sign_in_codes(caller).where(SignInCode.expires_at > func.now())
    life = settings.sign_in_code_life
    lock_and_check_quota(
        session, caller, waiting, QUOTAS.sign_in_codes, "unused sign-in codes", retry_after=life
    )
    return issue_code(session, caller.id, life)
