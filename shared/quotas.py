"""Quotas: how much one account may have, also when it sends many requests at once."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict, TooMany


@dataclass(frozen=True)
class Quotas:
    """Limits of one account; a job is active until it has reached a final state."""

    projects: int = 1000
    api_keys: int = 50
    sign_in_codes: int = 20  # that are neither used nor expired
    models: int = 1000
    active_crawl_jobs: int = 10
    schedules: int = 100
    active_validation_jobs: int = 10
    active_export_jobs: int = 10
    active_versions: int = 10
    active_analysis_jobs: int = 10
    active_verification_jobs: int = 10
    webhooks: int = 20
    waiting_deliveries: int = 1000


QUOTAS = Quotas()


def check_quota(used: int, limit: int, things: str, *, retry_after: int | None = None) -> None:
    """Allow one more of `things` beside those `used`.

    At the limit raises `TooMany` when waiting `retry_after` seconds may help, else `Conflict`.
    """
    if used < limit:
        return
    if retry_after is None:
        raise Conflict(f"The limit is {limit} {things}; delete one first.")
    raise TooMany(f"The limit is {limit} {things}; try again later.", retry_after=retry_after)


def lock_and_check_quota(
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
    one adds. Raises as `check_quota` does; `retry_after` is in seconds.
    """
    key = func.hashtextextended(f"quota:{caller.id}:{things}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))
    # A statement of its own: it sees what was committed while the one before waited.
    count = session.scalar(select(func.count()).select_from(used.subquery()))
    check_quota(count or 0, limit, things, retry_after=retry_after)
