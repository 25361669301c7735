"""What analysers say about images; history is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ForeignKey, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import Base, Identified, Timestamped, at_least, index

if TYPE_CHECKING:
    from shared.models.images import Image


class ImageAnalysis(Identified, Timestamped, Base):
    """One analyser's result for one image."""

    __tablename__ = "image_analyses"

    image_id: Mapped[UUID] = mapped_column(
        ForeignKey("images.id", ondelete="CASCADE"), comment="What was analysed"
    )
    analyzer: Mapped[str] = mapped_column(comment="basic, gemini or model:<id>")
    model_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("models.id", ondelete="SET NULL"), comment="Registered model that was run"
    )
    model_version: Mapped[str | None] = mapped_column(
        comment="Version of the analyser or model, kept when the model goes"
    )
    description: Mapped[str | None] = mapped_column(comment="What the image shows, in words")
    labels: Mapped[list[Any]] = mapped_column(
        JSONB, default=list, server_default=text("'[]'"), comment="Names with scores"
    )
    metrics: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Measured values by name"
    )
    processing_time_ms: Mapped[float | None] = mapped_column(comment="Milliseconds")

    image: Mapped[Image] = relationship(back_populates="analyses")

    __table_args__ = (
        *at_least(0, "processing_time_ms"),
        index(
            "ix_image_analyses_image_id_id",
            "image_id",
            "id",
            serves="list_analyses: image_id = :image ORDER BY id DESC; cascade",
        ),
        index(
            "ix_image_analyses_model_id",
            "model_id",
            postgresql_where=text("model_id IS NOT NULL"),
            serves="analyses made by a model; SET NULL",
        ),
        index(
            "ix_image_analyses_model_version",
            "model_version",
            "created_at",
            serves="what one version said, in time: model_version = :version",
        ),
        {"comment": "Analysis results, one row per run"},
    )
