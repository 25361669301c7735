"""What happened, from sums: no log is read."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, cast, func, select
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
        self, count: int, sum_ms: float, bucket: int | None, status: str, code: str | None, day: Any
    ) -> None:
        """Adds a row of sums, or several of one kind."""
        self.total += count
        self.sum_ms += sum_ms
        if bucket is not None:
            self.buckets[bucket] += count
        if status == "pending":
            self.pending += count
        elif status == "failed":
            self.failed += count
            self.failures[code or "failed"] += count
        if count > 0 and (self.last_day is None or day > self.last_day):
            self.last_day = day

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
    """The caller's predictions added up by a column, in one query."""
    table = PredictionCount
    statement: Select[Any] = (
        select(
            by,
            func.sum(table.count),
            func.sum(table.sum_ms),
            table.bucket,
            table.status,
            table.error_code,
            func.max(table.day),
        )
        .where(table.user_id == caller.id)
        .group_by(by, table.bucket, table.status, table.error_code)
    )
    if days is not None:
        statement = statement.where(table.day > today() - days)
    if models is not None:
        statement = statement.where(table.model_id.in_(models))
    summaries: dict[Any, Summary] = {}
    for value, count, sum_ms, bucket, status, code, day in session.execute(statement):
        summaries.setdefault(value, Summary()).add(int(count), sum_ms, bucket, status, code, day)
    return summaries


def _drifts(session: Session, caller: Caller, models: Collection[UUID]) -> dict[UUID, Drift]:
    """How far the last week's inputs are from the first week's, where both are known."""
    table = InputCount
    first = (
        select(table.model_id, func.min(table.day).label("day"))
        .where(table.user_id == caller.id, table.model_id.in_(models))
        .group_by(table.model_id)
        .having(func.min(table.day) <= today() - 2 * WEEK)
        .subquery()
    )
    in_first = table.day < first.c.day + WEEK
    in_last = table.day > today() - WEEK
    rows = session.execute(
        select(
            table.model_id,
            table.input,
            table.bucket,
            func.coalesce(func.sum(table.count).filter(in_first), 0),
            func.coalesce(func.sum(table.count).filter(in_last), 0),
        )
        .join(first, first.c.model_id == table.model_id)
        .where(table.user_id == caller.id, in_first | in_last)
        .group_by(table.model_id, table.input, table.bucket)
    )
    return _compared(rows)


def _compared(rows: Iterable[Any]) -> dict[UUID, Drift]:
    reference: dict[tuple[UUID, str], Counter[int]] = {}
    recent: dict[tuple[UUID, str], Counter[int]] = {}
    for model_id, name, bucket, before, now in rows:
        reference.setdefault((model_id, name), Counter())[bucket] += max(0, int(before))
        recent.setdefault((model_id, name), Counter())[bucket] += max(0, int(now))
    scores: dict[UUID, dict[str, float]] = {}
    for (model_id, name), histogram in reference.items():
        score = population_stability(+histogram, +recent[model_id, name])
        if score is not None:
            scores.setdefault(model_id, {})[name] = score
    return {
        model_id: Drift(
            status=status_of(max(found.values())), score=max(found.values()), inputs=found
        )
        for model_id, found in scores.items()
    }
