"""Predictions and stored images by day, and predictions by API key."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.insights.queries import read_daily_usage, read_usage_by_key
from shared.schemas.insights import Usage, UsageQuery


def handle(query: UsageQuery, caller: Caller, session: Session) -> Usage:
    """Get usage; days are in UTC, and today is one of them."""
    return Usage(
        items=read_daily_usage(session, caller, query.days),
        next_cursor=None,
        keys=read_usage_by_key(session, caller, query.days),
    )
