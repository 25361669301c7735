"""Insights as answers: models' statistics, and usage by day and by key."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.insights.drift import measure_drifts
from shared.insights.histograms import compute_percentile
from shared.insights.sums import Summary, sum_predictions, today
from shared.models import ApiKey, Model, PredictionCount, StorageCount
from shared.schemas.insights import DailyUsage, Drift, KeyUsage, ModelStatistics


def read_model_statistics(
    session: Session, caller: Caller, models: Sequence[Model], days: int | None
) -> list[ModelStatistics]:
    """Return statistics of these models of the caller, over all time or the last days."""
    ids = [model.id for model in models]
    sums = sum_predictions(session, caller, PredictionCount.model_id, days, ids)
    moved = measure_drifts(session, caller, ids)
    return [_to_statistics(model, sums.get(model.id, Summary()), moved) for model in models]


def _to_statistics(model: Model, summary: Summary, moved: dict[UUID, Drift]) -> ModelStatistics:
    return ModelStatistics(
        model_id=model.id,
        name=model.name,
        version=model.version,
        status=model.status,
        total_predictions=summary.total,
        failed_predictions=summary.failed,
        pending_predictions=summary.pending,
        avg_inference_time_ms=summary.average_ms,
        p50_inference_time_ms=compute_percentile(summary.buckets, 0.50),
        p95_inference_time_ms=compute_percentile(summary.buckets, 0.95),
        p99_inference_time_ms=compute_percentile(summary.buckets, 0.99),
        failures={code: count for code, count in sorted(summary.failures.items()) if count > 0},
        last_used_on=summary.last_day,
        drift=moved.get(model.id),
        created_at=model.created_at,
    )


def read_daily_usage(session: Session, caller: Caller, days: int) -> list[DailyUsage]:
    """Return the usage of each of the last days, newest first."""
    predictions = sum_predictions(session, caller, PredictionCount.day, days)
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
                p95_inference_time_ms=compute_percentile(summary.buckets, 0.95),
                images_stored=images,
                bytes_stored=size,
            )
        )
    return usage


def read_usage_by_key(session: Session, caller: Caller, days: int) -> list[KeyUsage]:
    """Return the last days by credential, the most used first."""
    sums = sum_predictions(session, caller, PredictionCount.api_key_id, days)
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
        for identity, summary in sums.items()
        if summary.last_day is not None
    ]
    return sorted(used, key=lambda one: (-one.prediction_count, str(one.api_key_id)))
