"""Predictions added up from the tables of sums: no log is read."""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Date, Select, Text, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import PredictionCount


@dataclass
class Summary:
    """Predictions added up; times in milliseconds."""

    total: int = 0
    failed: int = 0
    pending: int = 0
    sum_ms: float = 0.0
    buckets: Counter[int] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    last_day: dt.date | None = None

    def add(
        self,
        status: str,
        code: str | None,
        count: int,
        sum_ms: float,
        buckets: dict[str, int] | None,
        day: dt.date | None,
    ) -> None:
        """Add the sums over one outcome."""
        self.total += count
        self.sum_ms += sum_ms
        self.buckets.update({int(bucket): number for bucket, number in (buckets or {}).items()})
        if status == "pending":
            self.pending += count
        elif status == "failed":
            self.failed += count
            self.failures[code or "failed"] += count
        if day is not None:
            self.last_day = max(day, self.last_day or day)

    @property
    def average_ms(self) -> float | None:
        """Mean over the predictions whose time is known."""
        timed = self.buckets.total()
        return round(self.sum_ms / timed, 4) if timed > 0 else None


def today() -> ColumnElement[dt.date]:
    """Return the day in UTC."""
    return cast(func.timezone("UTC", func.now()), Date)


def sum_predictions(
    session: Session,
    caller: Caller,
    by: Any,
    days: int | None,
    models: Collection[UUID] | None = None,
) -> dict[Any, Summary]:
    """Return the caller's predictions added up for each value of the column `by`, in one query.

    A histogram comes as one JSON object: the driver takes long over rows, not over bytes.
    """
    table = PredictionCount
    statement: Select[Any] = (
        select(
            by.label("value"),
            table.status,
            table.error_code,
            table.bucket,
            func.sum(table.count).label("count"),
            func.sum(table.sum_ms).label("sum_ms"),
            func.max(table.day).label("day"),
        )
        .where(table.user_id == caller.id)
        .group_by(by, table.status, table.error_code, table.bucket)
    )
    if days is not None:
        statement = statement.where(table.day > today() - days)
    if models is not None:
        statement = statement.where(table.model_id.in_(models))
    sums = statement.subquery().c
    outcomes = select(
        sums.value,
        sums.status,
        sums.error_code,
        cast(func.sum(sums.count), BigInteger),
        func.sum(sums.sum_ms),
        aggregate_histogram(sums.bucket, sums.count),
        func.max(sums.day).filter(sums.count > 0),
    ).group_by(sums.value, sums.status, sums.error_code)
    added: dict[Any, Summary] = {}
    for value, *outcome in session.execute(outcomes):
        added.setdefault(value, Summary()).add(*outcome)
    return added


def aggregate_histogram(bucket: Any, count: Any) -> ColumnElement[Any]:
    """Aggregate rows of a bucket and a count to a JSON object, NULL where there is no bucket."""
    collected = func.jsonb_object_agg(cast(bucket, Text), count, type_=JSONB)
    return collected.filter(bucket.is_not(None))
