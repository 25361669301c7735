"""Counts recent failures, so that passwords cannot be guessed at speed."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import ActivityLog
from shared.rules.quotas import DEFAULTS

REFUSED_SIGN_IN = "session.create_refused"


def check_sign_ins(session: Session, user_id: UUID | None, ip: str | None) -> None:
    """Raises `TooMany` after too many failures of an account or from an address."""
    for whose, known, quota in (
        (ActivityLog.user_id == user_id, user_id, DEFAULTS.sign_in_failures),
        (ActivityLog.ip_address == ip, ip, DEFAULTS.sign_in_failures_per_address),
    ):
        if known is None:
            continue
        window = timedelta(seconds=quota.frees_after or 0)
        failures = session.scalar(
            select(func.count()).where(
                whose,
                ActivityLog.action == REFUSED_SIGN_IN,
                ActivityLog.timestamp > func.now() - window,
            )
        )
        quota.check(failures or 0)
