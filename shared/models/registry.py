"""Registered models and the log of their predictions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import Base, Identified, Timestamped, at_least, index, one_of

if TYPE_CHECKING:
    from shared.models.accounts import Profile


class Model(Identified, Timestamped, Base):
    """One version of a model that a person registered."""

    __tablename__ = "models"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"), comment="Owner"
    )
    name: Mapped[str] = mapped_column(comment="Shared by all its versions")
    description: Mapped[str | None] = mapped_column(comment="Free text")
    model_type: Mapped[str] = mapped_column(comment="onnx, sklearn, pytorch or tensorflow")
    version: Mapped[int] = mapped_column(
        default=1, server_default=text("1"), comment="Counts from 1 within a name"
    )
    file_name: Mapped[str | None] = mapped_column(comment="Name of the file that was uploaded")
    file_path: Mapped[str] = mapped_column(comment="Name of the stored object")
    generation: Mapped[int | None] = mapped_column(
        BigInteger,
        comment="Generation of the stored object that was verified; no other is loaded",
    )
    runtime: Mapped[str | None] = mapped_column(comment="What runs it: onnx, litert or skops")
    file_size: Mapped[int | None] = mapped_column(BigInteger, comment="Bytes")
    sha256: Mapped[str | None] = mapped_column(comment="SHA-256 hex of the file")
    version_id: Mapped[UUID | None] = mapped_column(
        comment="Version of a dataset it was trained on; no reference"
    )
    status: Mapped[str] = mapped_column(
        default="active",
        server_default="active",
        comment="pending, active, deprecated, archived or rejected",
    )
    error: Mapped[str | None] = mapped_column(comment="Why it was rejected, for a person")
    warnings: Mapped[list[str]] = mapped_column(
        JSONB,
        default=list,
        server_default=text("'[]'"),
        comment="What in its file is not as it is served, for a person",
    )
    deprecated_at: Mapped[datetime | None] = mapped_column(comment="When it was deprecated")
    input_schema: Mapped[Any | None] = mapped_column(
        JSONB(none_as_null=True), comment="Expected inputs"
    )
    output_schema: Mapped[Any | None] = mapped_column(
        JSONB(none_as_null=True), comment="Produced outputs"
    )
    metadata_: Mapped[dict[str, Any]] = mapped_column(
        "metadata", default=dict, server_default=text("'{}'"), comment="Further facts"
    )

    user: Mapped[Profile] = relationship(back_populates="models")
    predictions: Mapped[list[Prediction]] = relationship(
        back_populates="model", cascade="all, delete-orphan", passive_deletes=True
    )
    alias_rows: Mapped[list[ModelAlias]] = relationship(
        back_populates="model", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        one_of("model_type", "onnx", "sklearn", "pytorch", "tensorflow"),
        one_of("status", "pending", "active", "deprecated", "archived", "rejected"),
        one_of("runtime", "onnx", "litert", "skops"),
        *at_least(1, "version"),
        *at_least(0, "file_size"),
        UniqueConstraint(
            "user_id",
            "name",
            "version",
            name="unique_user_model_version",
            info={
                "serves": "latest version: user_id = :user AND name = :name ORDER BY version DESC"
            },
        ),
        index(
            "idx_models_user_id",
            "user_id",
            "id",
            serves="list_models: user_id = :user ORDER BY id DESC; cascade",
        ),
        index(
            "ix_models_user_id_status_id",
            "user_id",
            "status",
            "id",
            serves="list_models by status; a user's active models",
        ),
        index("idx_models_status", "status", serves="the sweep for uploads that never came"),
        index(
            "idx_models_created_at",
            text("created_at DESC"),
            serves="models of all users by age: created_at < :limit",
        ),
        index(
            "idx_models_metadata",
            "metadata",
            postgresql_using="gin",
            serves="models by metadata: metadata @> :facts",
        ),
        {"comment": "Registered models, one row per version"},
    )


class ModelAlias(Timestamped, Base):
    """A name for one version of a model at a time, such as champion."""

    __tablename__ = "model_aliases"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"), primary_key=True, comment="Owner"
    )
    name: Mapped[str] = mapped_column(
        primary_key=True, comment="The model's name, shared by all its versions"
    )
    alias: Mapped[str] = mapped_column(primary_key=True, comment="Stands for one version at a time")
    model_id: Mapped[UUID] = mapped_column(
        ForeignKey("models.id", ondelete="CASCADE"), comment="That version"
    )

    model: Mapped[Model] = relationship(back_populates="alias_rows")

    __table_args__ = (
        index("ix_model_aliases_model_id", "model_id", serves="aliases of a version; cascade"),
        {"comment": "Names that people give to versions of a model, such as champion"},
    )


class Prediction(Identified, Base):
    """One run of a model; partitioned by month of created_at."""

    __tablename__ = "predictions"

    model_id: Mapped[UUID] = mapped_column(
        ForeignKey("models.id", ondelete="CASCADE"), comment="What was run"
    )
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"), comment="Who ran it"
    )
    input_data: Mapped[Any] = mapped_column(JSONB, comment="Inputs, or the images' ids")
    output_data: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True), comment="Outputs")
    inference_time_ms: Mapped[float | None] = mapped_column(comment="Milliseconds")
    status: Mapped[str] = mapped_column(
        default="success", server_default="success", comment="pending, success or failed"
    )
    error_message: Mapped[str | None] = mapped_column(comment="Why it failed, for a person")
    error_code: Mapped[str | None] = mapped_column(comment="Kind of failure, for statistics")
    api_key_id: Mapped[UUID | None] = mapped_column(
        comment="Key it was asked with; NULL for a session"
    )
    input_profile: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="Histogram of the values of each input"
    )
    batch_size: Mapped[int | None] = mapped_column(comment="Rows or images")
    version_id: Mapped[UUID | None] = mapped_column(
        comment="Version of a dataset whose images it saw; no reference"
    )
    attempts: Mapped[int] = mapped_column(
        default=0, server_default=text("0"), comment="How often its message was sent again"
    )
    input_object: Mapped[str | None] = mapped_column(
        comment="Name of the stored object with large inputs"
    )
    output_object: Mapped[str | None] = mapped_column(
        comment="Name of the stored object with large outputs"
    )
    created_at: Mapped[datetime] = mapped_column(
        primary_key=True,
        server_default=func.now(),
        sort_order=100,
        comment="When it was asked for; decides the partition",
    )

    model: Mapped[Model] = relationship(back_populates="predictions")
    user: Mapped[Profile] = relationship(back_populates="predictions")

    __table_args__ = (
        one_of("status", "pending", "success", "failed"),
        *at_least(0, "inference_time_ms", "batch_size", "attempts"),
        index(
            "idx_predictions_model_id",
            "model_id",
            "id",
            serves="list_predictions by model: model_id = :model ORDER BY id DESC; statistics; "
            "cascade",
        ),
        index(
            "idx_predictions_user_id",
            "user_id",
            "id",
            serves="list_predictions: user_id = :user ORDER BY id DESC; cascade",
        ),
        index(
            "ix_predictions_user_id_created_at",
            "user_id",
            "created_at",
            serves="get_usage: user_id = :user AND created_at >= :since",
        ),
        index(
            "ix_predictions_user_id_status_id",
            "user_id",
            "status",
            "id",
            postgresql_where=text("status <> 'success'"),
            serves="list_predictions by status, for the few that did not succeed",
        ),
        index(
            "idx_predictions_created_at",
            text("created_at DESC"),
            serves="predictions of all users by time",
        ),
        index(
            "idx_predictions_status",
            "status",
            serves="the sweep for predictions never made: status = 'pending'",
        ),
        {
            "comment": "Log of model runs, partitioned by month",
            "postgresql_partition_by": "RANGE (created_at)",
        },
    )
