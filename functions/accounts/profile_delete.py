"""Delete the caller's account and all that it owns, stored objects included."""

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.accounts.passwords import check_own_password, lock_profile
from shared.accounts.places import Place
from shared.calls import Caller, RequestInfo
from shared.crawls.account_removal import hide_account
from shared.messaging.outbox import Outbox
from shared.schemas.accounts import AccountDelete


def prepare(info: RequestInfo) -> Place:
    """Say where it comes from: what follows opens a transaction when the password was judged."""
    return Place.of(info.ip)


def handle(
    place: Place,
    wanted: AccountDelete,
    caller: Caller,
    engine: Engine,
    session: Session,
    outbox: Outbox,
) -> None:
    """Delete the account.

    It is gone at once, and so are its credentials; its rows and objects go in the seconds, of very
    many in the minutes after that.
    """
    tried = check_own_password(engine, caller.id, place, wanted.current_password)
    hide_account(session, outbox, lock_profile(session, tried).id)
