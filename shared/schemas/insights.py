"""Statistics of models, and usage by day."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.schemas.fields import Time
from shared.schemas.kinds import ListQuery, Query, Read

_Days = Annotated[int, Field(ge=1, le=90)]


class ModelStatisticsQuery(ListQuery):
    """The days up to today whose predictions count; all without a number."""

    days: _Days | None = None


class Drift(Read):
    """The difference of the inputs of the last seven days from those of the model's first seven.

    `score` is the population stability index of the input that differs most; `inputs` has it for
    each. Up to 0.1 is stable, above 0.25 drifted.
    """

    status: Literal["stable", "shifting", "drifted"]
    score: float
    inputs: dict[str, float]


class ModelStatistics(Read):
    """Runs of a version: how many, how long they took (milliseconds) and how they failed.

    Percentiles are read from a histogram and may be off by 9 %. `failures` counts by kind.
    `drift` is null until the model is two weeks old and has inputs enough on both sides; it may be
    some minutes behind.
    """

    model_id: UUID
    name: str
    version: int
    status: str
    total_predictions: int
    failed_predictions: int
    pending_predictions: int
    avg_inference_time_ms: float | None
    p50_inference_time_ms: float | None
    p95_inference_time_ms: float | None
    p99_inference_time_ms: float | None
    failures: dict[str, int]
    last_used_on: dt.date | None
    drift: Drift | None
    created_at: Time


class UsageQuery(Query):
    """Number of days, today included."""

    days: _Days = 30


class DailyUsage(Read):
    """One day in UTC: predictions asked for, and images whose content was stored."""

    date: dt.date
    prediction_count: int
    failed_predictions: int
    avg_inference_time_ms: float | None
    p95_inference_time_ms: float | None
    images_stored: int
    bytes_stored: int


class KeyUsage(Read):
    """Use of one API key; all of it null for what signed-in people asked."""

    api_key_id: UUID | None
    name: str | None
    prefix: str | None
    prediction_count: int
    failed_predictions: int
    avg_inference_time_ms: float | None
    last_used_on: dt.date


class Usage(Read):
    """Every day, also those on which nothing happened, newest first; and the same by API key."""

    items: list[DailyUsage]
    next_cursor: None
    keys: list[KeyUsage]
