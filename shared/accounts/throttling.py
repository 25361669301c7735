"""Counts recent failures, so that passwords cannot be guessed at speed."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import ActivityLog
from shared.quotas import check_quota

REFUSED_SIGN_IN = "session.create_refused"
_WINDOW = timedelta(minutes=15)
_PER_ACCOUNT = 10
_PER_ADDRESS = 100  # many people may share a network address


def check_sign_ins(session: Session, user_id: UUID | None, ip: str | None) -> None:
    """Raise `TooMany` after too many failures of an account or from an address."""
    for whose, known, limit in (
        (ActivityLog.user_id == user_id, user_id, _PER_ACCOUNT),
        (ActivityLog.ip_address == ip, ip, _PER_ADDRESS),
    ):
        if known is None:
            continue
        failures = session.scalar(
            select(func.count()).where(
                whose,
                ActivityLog.action == REFUSED_SIGN_IN,
                ActivityLog.timestamp > func.now() - _WINDOW,
            )
        )
        check_quota(
            failures or 0,
            limit,
            "failed sign-ins in 15 minutes",
            retry_after=int(_WINDOW.total_seconds()),
        )
