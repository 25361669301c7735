"""Sums that answer what the logs would have to be scanned for.

A statement that writes a log adds rows here by a trigger, in its own transaction; nothing is ever
updated in place, so writers never wait for each other. `shared.insights.merging` adds rows of the
same key up, and reading sums over them, so it does not matter how many have been merged.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import BigInteger, Date, ForeignKey, Identity, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, index, one_of


class Counted:
    """Columns of every table of sums: whose and when, and whether rows have been added up."""

    id: Mapped[int] = mapped_column(
        BigInteger,
        Identity(),
        primary_key=True,
        sort_order=100,
        comment="Tells rows of one day apart",
    )
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"), primary_key=True, comment="Owner"
    )
    day: Mapped[dt.date] = mapped_column(
        Date, primary_key=True, comment="Day in UTC; old days lie on the first of their month"
    )
    is_merged: Mapped[bool] = mapped_column(
        default=False,
        server_default=text("false"),
        sort_order=101,
        comment="True for the one row that others of its key are added to",
    )


class PredictionCount(Counted, Base):
    """Predictions of one kind, and how long they took."""

    __tablename__ = "prediction_counts"

    model_id: Mapped[UUID] = mapped_column(comment="What was run; no key: sums outlive their log")
    api_key_id: Mapped[UUID | None] = mapped_column(comment="With which key; NULL for a session")
    status: Mapped[str] = mapped_column(comment="pending, success or failed")
    error_code: Mapped[str | None] = mapped_column(comment="Kind of failure")
    bucket: Mapped[int | None] = mapped_column(
        SmallInteger, comment="latency_bucket of the inference time; NULL where it is not known"
    )
    count: Mapped[int] = mapped_column(
        BigInteger, comment="Predictions; negative where they left this key"
    )
    sum_ms: Mapped[float] = mapped_column(comment="Their inference times, milliseconds")

    __table_args__ = (
        one_of("status", "pending", "success", "failed"),
        index(
            "uq_prediction_counts_merged",
            "user_id",
            "day",
            "model_id",
            "api_key_id",
            "status",
            "error_code",
            "bucket",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("is_merged"),
            serves="merging: ON CONFLICT (…) WHERE is_merged",
        ),
        index(
            "ix_prediction_counts_unmerged",
            "id",
            postgresql_where=text("NOT is_merged"),
            serves="merging: NOT is_merged ORDER BY id",
        ),
        {"comment": "Sums over predictions by day, model, key and outcome"},
    )


class InputCount(Counted, Base):
    """Values that one input of a model took, as a histogram."""

    __tablename__ = "input_counts"

    model_id: Mapped[UUID] = mapped_column(comment="What was run")
    input: Mapped[str] = mapped_column(comment="Name of the input")
    bucket: Mapped[int] = mapped_column(
        SmallInteger, comment="Range of values: the number of its histogram's bucket"
    )
    count: Mapped[int] = mapped_column(BigInteger, comment="Values within it")

    __table_args__ = (
        index(
            "uq_input_counts_merged",
            "user_id",
            "model_id",
            "day",
            "input",
            "bucket",
            unique=True,
            postgresql_where=text("is_merged"),
            serves="merging; the days of a model: user_id = :user AND model_id = :model",
        ),
        index(
            "ix_input_counts_unmerged",
            "id",
            postgresql_where=text("NOT is_merged"),
            serves="merging: NOT is_merged ORDER BY id",
        ),
        {"comment": "Sums over the inputs of predictions by day and model"},
    )


class StorageCount(Counted, Base):
    """Images whose content was stored, and its size."""

    __tablename__ = "storage_counts"

    images: Mapped[int] = mapped_column(BigInteger, comment="Images with content of their own")
    bytes: Mapped[int] = mapped_column(BigInteger, comment="What they take in the bucket")

    __table_args__ = (
        index(
            "uq_storage_counts_merged",
            "user_id",
            "day",
            unique=True,
            postgresql_where=text("is_merged"),
            serves="merging: ON CONFLICT (…) WHERE is_merged",
        ),
        index(
            "ix_storage_counts_unmerged",
            "id",
            postgresql_where=text("NOT is_merged"),
            serves="merging: NOT is_merged ORDER BY id",
        ),
        {"comment": "Sums over stored images by day"},
    )
