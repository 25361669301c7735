"""Delete the caller's account and all that it owns, stored objects included."""

from sqlalchemy.orm import Session

from shared.accounts.passwords import PasswordTry, lock_profile, prepare_check
from shared.accounts.places import Place
from shared.calls import Caller, RequestInfo
from shared.crawls.account_removal import hide_account
from shared.errors import Invalid
from shared.messaging.outbox import Outbox
from shared.schemas.accounts import AccountDelete


def prepare(info: RequestInfo, caller: Caller, session: Session) -> PasswordTry:
    """Count the try."""
    return prepare_check(session, caller.id, Place.of(info.ip))


def handle(tried: PasswordTry, wanted: AccountDelete, session: Session, outbox: Outbox) -> None:
    """Delete the account.

    It is gone at once, and so are its credentials; its rows and objects go in the seconds, of very
    many in the minutes after that.
    """
    if not tried.judge(wanted.current_password):
        raise Invalid.at("/current_password", "is wrong")
    hide_account(session, outbox, lock_profile(session, tried).id)
