"""Statistics of models, and usage by day."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.schemas.fields import Time
from shared.schemas.kinds import ListQuery, Query, Read

_Days = Annotated[int, Field(ge=1, le=90)]


DriftStatus = Literal["stable", "shifting", "drifted"]
"""Reading of a population stability index: up to 0.1, up to 0.25, above."""


class ModelStatisticsQuery(ListQuery):
    """The days up to today whose predictions count; all without a number."""

    days: _Days | None = None
    """Days up to today, in UTC, whose predictions count; all of them where it is left out."""


class Drift(Read):
    """The difference of the inputs of the last seven days from those of the model's first seven."""

    status: DriftStatus
    """Usual reading of the score."""
    score: float
    """Population stability index of the input that differs most; up to 0.1 is stable, above 0.25
    drifted.
    """
    inputs: dict[str, float]
    """Population stability index by input."""


class ModelStatistics(Read):
    """Runs of a version: how many, how long they took and how they failed.

    Percentiles are read from a histogram and may be off by 9 %; the drift may be some minutes
    behind.
    """

    model_id: UUID
    name: str
    """Name of the model."""
    version: int
    """Number of its version."""
    status: str
    """State of the version."""
    total_predictions: int
    """Number of predictions that were asked for."""
    failed_predictions: int
    pending_predictions: int
    """Number of those that have not ended."""
    avg_inference_time_ms: float | None
    p50_inference_time_ms: float | None
    """Milliseconds that half of the predictions did not exceed; null where none was timed."""
    p95_inference_time_ms: float | None
    p99_inference_time_ms: float | None
    """Milliseconds that 99 of 100 predictions did not exceed; null where none was timed."""
    failures: dict[str, int]
    """Number of failed predictions by kind."""
    last_used_on: dt.date | None
    """Day in UTC of the latest prediction; null where there is none."""
    drift: Drift | None
    """Difference of its inputs from those that it began with; null until it is two weeks old and
    has enough of them.
    """
    created_at: Time
    """Time at which the version was registered, in UTC."""


class UsageQuery(Query):
    """Number of days, today included."""

    days: _Days = 30
    """Number of days, today included, in UTC."""


class DailyUsage(Read):
    """One day in UTC: predictions asked for, and images whose content was stored."""

    date: dt.date
    """Day in UTC."""
    prediction_count: int
    failed_predictions: int
    avg_inference_time_ms: float | None
    p95_inference_time_ms: float | None
    images_stored: int
    """Number of images whose content was stored on it."""
    bytes_stored: int
    """Bytes that these take."""


class KeyUsage(Read):
    """Use of one API key, or of none."""

    api_key_id: UUID | None
    """API key that was used; null for sessions."""
    name: str | None
    """Name of the key; null for sessions."""
    prefix: str | None
    """First characters of the key; null for sessions."""
    prediction_count: int
    failed_predictions: int
    avg_inference_time_ms: float | None
    last_used_on: dt.date
    """Day in UTC of its latest prediction."""


class Usage(Read):
    """Every day, also those on which nothing happened, newest first; and the same by API key."""

    items: list[DailyUsage]
    """Days, newest first, those without use included."""
    next_cursor: None
    """Null: there is one page."""
    keys: list[KeyUsage]
    """Predictions by API key, the most used first."""
