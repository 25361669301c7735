"""Counts recent failures, so that passwords cannot be guessed at speed."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.errors import TooMany
from shared.models import ActivityLog

REFUSED_SIGN_IN = "session.create_refused"
_WINDOW = timedelta(minutes=15)
_PER_ACCOUNT = 10
_PER_ADDRESS = 50


def check_sign_ins(session: Session, user_id: UUID | None, ip: str | None) -> None:
    """Raises `TooMany` after 10 failures of an account or 50 of an address within 15 minutes."""
    recent = (
        ActivityLog.action == REFUSED_SIGN_IN,
        ActivityLog.timestamp > func.now() - _WINDOW,
    )
    of_account = ActivityLog.user_id == user_id
    of_address = ActivityLog.ip_address == ip
    for whose, known, limit in (
        (of_account, user_id, _PER_ACCOUNT),
        (of_address, ip, _PER_ADDRESS),
    ):
        if known is None:
            continue
        count = session.scalar(select(func.count()).where(whose, *recent)) or 0
        if count >= limit:
            raise TooMany(
                "Too many failed sign-ins; try again in 15 minutes.",
                retry_after=int(_WINDOW.total_seconds()),
            )
