"""Time that counting many images may take."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.database.transactions import get_sqlstate
from shared.errors import Unavailable

SECONDS = 8.0  # ten times what a million images take
_CANCELLED = "57014"


@contextmanager
def limit_time(session: Session) -> Iterator[None]:
    """Limit the time of the statements inside; raise `Unavailable` with advice where it is over.

    The limit holds until the transaction ends.
    """
    session.execute(text(f"SET LOCAL statement_timeout = {round(SECONDS * 1000)}"))
    try:
        yield
    except DBAPIError as error:
        if get_sqlstate(error) != _CANCELLED:
            raise
        raise Unavailable(
            f"Counting took longer than {SECONDS:g} seconds. Filter by label, format or"
            " crawl_job_id, which is faster, or try again when less is asked of the database."
        ) from None
