"""Holds an account to its quotas, also when it sends many requests at the same time."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.rules.quotas import check


def check_limit(
    session: Session,
    caller: Caller,
    used: Select[Any],
    limit: int,
    things: str,
    *,
    retry_after: int | None = None,
) -> None:
    """Allow one more of `things` beside the rows of `used`, until the transaction has ended.

    The caller's other requests for the same things wait meanwhile, so that they count what this
    one adds. Raises as `shared.rules.quotas.check` does; `retry_after` is in seconds.
    """
    key = func.hashtextextended(f"quota:{caller.id}:{things}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))
    # A statement of its own: it sees what was committed while the one before waited.
    count = session.scalar(select(func.count()).select_from(used.subquery()))
    check(count or 0, limit, things, retry_after=retry_after)
