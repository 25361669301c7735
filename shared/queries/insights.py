"""What happened, from sums: no log is read."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import ApiKey, InputCount, Model, PredictionCount, StorageCount
from shared.schemas.insights import DailyUsage, Drift, KeyUsage, ModelStatistics
from shared.statistics.drift import WEEK, population_stability, status_of
from shared.statistics.histograms import percentile


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
        """Adds the sums over one outcome."""
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
    """The day in UTC."""
    return cast(func.timezone("UTC", func.now()), Date)


def model_statistics(
    session: Session, caller: Caller, models: Sequence[Model], days: int | None
) -> list[ModelStatistics]:
    """Statistics of these models of the caller, over all time or the last days."""
    ids = [model.id for model in models]
    summaries = _summaries(session, caller, PredictionCount.model_id, days, ids)
    drifts = _drifts(session, caller, ids)
    return [_statistics(model, summaries.get(model.id, Summary()), drifts) for model in models]


def _statistics(model: Model, summary: Summary, drifts: dict[UUID, Drift]) -> ModelStatistics:
    return ModelStatistics(
        model_id=model.id,
        name=model.name,
        version=model.version,
        status=model.status,
        total_predictions=summary.total,
        failed_predictions=summary.failed,
        pending_predictions=summary.pending,
        avg_inference_time_ms=summary.average_ms,
        p50_inference_time_ms=percentile(summary.buckets, 0.50),
        p95_inference_time_ms=percentile(summary.buckets, 0.95),
        p99_inference_time_ms=percentile(summary.buckets, 0.99),
        failures={code: count for code, count in sorted(summary.failures.items()) if count > 0},
        last_used_on=summary.last_day,
        drift=drifts.get(model.id),
        created_at=model.created_at,
    )


def daily_usage(session: Session, caller: Caller, days: int) -> list[DailyUsage]:
    """Each of the last days, newest first."""
    predictions = _summaries(session, caller, PredictionCount.day, days)
    stored = {
        day: (images, size)
        for day, images, size in session.execute(
            select(StorageCount.day, func.sum(StorageCount.images), func.sum(StorageCount.bytes))
            .where(StorageCount.user_id == caller.id, StorageCount.day > today() - days)
            .group_by(StorageCount.day)
        )
    }
    last = session.scalars(select(today())).one()
    usage = []
    for day in (last - dt.timedelta(days=back) for back in range(days)):
        summary = predictions.get(day, Summary())
        images, size = stored.get(day, (0, 0))
        usage.append(
            DailyUsage(
                date=day,
                prediction_count=summary.total,
                failed_predictions=summary.failed,
                avg_inference_time_ms=summary.average_ms,
                p95_inference_time_ms=percentile(summary.buckets, 0.95),
                images_stored=images,
                bytes_stored=size,
            )
        )
    return usage


def usage_by_key(session: Session, caller: Caller, days: int) -> list[KeyUsage]:
    """The last days by credential, the most used first."""
    summaries = _summaries(session, caller, PredictionCount.api_key_id, days)
    keys = {
        row.id: row
        for row in session.execute(
            select(ApiKey.id, ApiKey.name, ApiKey.prefix).where(ApiKey.user_id == caller.id)
        )
    }
    used = [
        KeyUsage(
            api_key_id=identity,
            name=getattr(keys.get(identity), "name", None),
            prefix=getattr(keys.get(identity), "prefix", None),
            prediction_count=summary.total,
            failed_predictions=summary.failed,
            avg_inference_time_ms=summary.average_ms,
            last_used_on=summary.last_day,
        )
        for identity, summary in summaries.items()
        if summary.last_day is not None
    ]
    return sorted(used, key=lambda one: (-one.prediction_count, str(one.api_key_id)))


def _summaries(
    session: Session,
    caller: Caller,
    by: Any,
    days: int | None,
    models: Collection[UUID] | None = None,
) -> dict[Any, Summary]:
    """The caller's predictions added up by a column, in one query.

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
        _histogram(sums.bucket, sums.count),
        func.max(sums.day).filter(sums.count > 0),
    ).group_by(sums.value, sums.status, sums.error_code)
    summaries: dict[Any, Summary] = {}
    for value, *outcome in session.execute(outcomes):
        summaries.setdefault(value, Summary()).add(*outcome)
    return summaries


def _histogram(bucket: Any, count: Any) -> ColumnElement[Any]:
    """Rows of a bucket and a count as an object, NULL where there is no bucket."""
    collected = func.jsonb_object_agg(cast(bucket, Text), count, type_=JSONB)
    return collected.filter(bucket.is_not(None))


def _drifts(session: Session, caller: Caller, models: Collection[UUID]) -> dict[UUID, Drift]:
    """How far the last week's inputs are from the first week's, where both are known.

    Only what is merged: then an index leads to the two weeks, however busy the last minute was.
    """
    table = InputCount
    of_caller = (table.user_id == caller.id, table.is_merged)
    first_day = select(func.min(table.day)).where(*of_caller, table.model_id == Model.id)
    begun = (
        select(Model.id, first_day.scalar_subquery().label("day"))
        .where(Model.id.in_(models))
        .cte("begun")
    )
    old_enough = begun.c.day <= today() - 2 * WEEK
    weeks = union_all(
        select(begun.c.id, literal(False).label("is_last"), begun.c.day).where(old_enough),
        select(begun.c.id, literal(True), today() + 1 - WEEK).where(old_enough),
    ).subquery()
    sums = (
        select(weeks.c.id, weeks.c.is_last, table.input, table.bucket)
        .add_columns(func.sum(table.count).label("count"))
        .join(
            table,
            and_(
                *of_caller,
                table.model_id == weeks.c.id,
                table.day.between(weeks.c.day, weeks.c.day + (WEEK - 1)),
            ),
        )
        .group_by(weeks.c.id, weeks.c.is_last, table.input, table.bucket)
        .having(func.sum(table.count) > 0)
        .subquery()
        .c
    )
    rows = session.execute(
        select(sums.id, sums.input, sums.is_last, _histogram(sums.bucket, sums.count)).group_by(
            sums.id, sums.input, sums.is_last
        )
    )
    return _compared(rows)


def _compared(rows: Iterable[Any]) -> dict[UUID, Drift]:
    histograms: dict[tuple[UUID, str], dict[bool, dict[int, int]]] = {}
    for model_id, name, is_last, counts in rows:
        histogram = {int(bucket): count for bucket, count in counts.items()}
        histograms.setdefault((model_id, name), {})[is_last] = histogram
    scores: dict[UUID, dict[str, float]] = {}
    for (model_id, name), weeks in histograms.items():
        score = population_stability(weeks.get(False, {}), weeks.get(True, {}))
        if score is not None:
            scores.setdefault(model_id, {})[name] = score
    return {
        model_id: Drift(
            status=status_of(max(found.values())), score=max(found.values()), inputs=found
        )
        for model_id, found in scores.items()
    }
