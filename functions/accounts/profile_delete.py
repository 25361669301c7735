"""Delete the caller's account and all that it owns, stored objects included."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.account_removal import hide_account
from shared.messaging.outbox import Outbox


def handle(caller: Caller, session: Session, outbox: Outbox) -> None:
    """Delete the account.

    It is gone at once, and so are its credentials; its rows and objects go in the seconds, of very
    many in the minutes after that.
    """
    hide_account(session, outbox, caller.id)
