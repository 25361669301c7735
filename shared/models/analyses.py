"""Analyses of images, and jobs that ask one analyzer about many images; history is kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ForeignKey, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import (
    JOB_STATES,
    Base,
    Identified,
    Job,
    Timestamped,
    at_least,
    counter,
    index,
    one_of,
    percentage,
)

if TYPE_CHECKING:
    from shared.models.images import Image


class AnalysisJob(Job, Base):
    """One analyzer's pass over the images of a crawl job."""

    __tablename__ = "analysis_jobs"

    crawl_job_id: Mapped[UUID] = mapped_column(
        ForeignKey("crawl_jobs.id", ondelete="CASCADE"), comment="Whose images are analysed"
    )
    version_id: Mapped[UUID | None] = mapped_column(
        comment="Version of a dataset whose images alone are analysed; no reference"
    )
    analyzer: Mapped[str] = mapped_column(comment="basic, gemini or model:<id>")
    model_version: Mapped[str | None] = mapped_column(comment="Version that does it; set at start")
    force: Mapped[bool] = mapped_column(
        default=False,
        server_default=text("false"),
        comment="True to analyse again what this version has analysed",
    )
    for_crawl: Mapped[bool] = mapped_column(
        default=False,
        server_default=text("false"),
        comment="True when the crawl job asked for it and waits for it",
    )
    total_images: Mapped[int] = counter("Images to analyse")
    analyzed_images: Mapped[int] = counter("Images analysed")
    failed_images: Mapped[int] = counter("Images whose analysis failed")
    skipped_images: Mapped[int] = counter(
        "Images that this version had analysed, or was analysing, already"
    )
    position: Mapped[UUID | None] = mapped_column(
        comment="Last image planned; planning continues after it"
    )
    planned_at: Mapped[datetime | None] = mapped_column(comment="All images have their analysis")
    started_at: Mapped[datetime | None] = mapped_column(comment="Planning began")

    __table_args__ = (
        one_of("status", *JOB_STATES),
        percentage("progress"),
        *at_least(0, "total_images", "analyzed_images", "failed_images", "skipped_images"),
        index(
            "ix_analysis_jobs_crawl_job_id_id",
            "crawl_job_id",
            "id",
            serves="list_analysis_jobs: crawl_job_id = :job ORDER BY id DESC; cascade",
        ),
        index(
            "uq_analysis_jobs_live",
            "crawl_job_id",
            "analyzer",
            unique=True,
            postgresql_where=text("status IN ('pending', 'running')"),
            serves="one live job of an analyzer at a time: ON CONFLICT",
        ),
        index(
            "ix_analysis_jobs_unfinished",
            "updated_at",
            postgresql_where=text("status IN ('pending', 'running')"),
            serves="the sweep for stuck jobs: updated_at < :limit",
        ),
        {"comment": "Passes of an analyser over the images of a crawl job"},
    )


class ImageAnalysis(Identified, Timestamped, Base):
    """One analyzer's result for one image, or the wish for one."""

    __tablename__ = "image_analyses"

    image_id: Mapped[UUID] = mapped_column(
        ForeignKey("images.id", ondelete="CASCADE"), comment="What was analysed"
    )
    analysis_job_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("analysis_jobs.id", ondelete="SET NULL"),
        comment="Job that asked; NULL where a person asked about this image",
    )
    version_id: Mapped[UUID | None] = mapped_column(
        comment="Version of a dataset that it was asked for; no reference"
    )
    analyzer: Mapped[str] = mapped_column(comment="basic, gemini or model:<id>")
    model_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("models.id", ondelete="SET NULL"), comment="Registered model that was run"
    )
    model_version: Mapped[str | None] = mapped_column(
        comment="Version of the analyser or model, kept when the model goes"
    )
    repetition: Mapped[int] = mapped_column(
        default=1,
        server_default=text("1"),
        comment="Counts from 1 the times that this version was to analyse the image",
    )
    status: Mapped[str] = mapped_column(
        default="completed",
        server_default="completed",
        comment="pending, running, completed or failed",
    )
    description: Mapped[str | None] = mapped_column(comment="What the image shows, in words")
    labels: Mapped[list[Any]] = mapped_column(
        JSONB, default=list, server_default=text("'[]'"), comment="Names with scores"
    )
    metrics: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Measured values by name"
    )
    objects: Mapped[list[Any] | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="Objects with labels and boxes; NULL where the analyser gives none",
    )
    processing_time_ms: Mapped[float | None] = mapped_column(comment="Milliseconds")
    error_code: Mapped[str | None] = mapped_column(comment="Kind of failure")
    error: Mapped[str | None] = mapped_column(comment="Why it failed, for a person")
    attempts: Mapped[int] = counter("Leases so far; fences writes")
    lease_expires_at: Mapped[datetime | None] = mapped_column(
        comment="When a running one may be handed out again"
    )

    image: Mapped[Image] = relationship(back_populates="analyses")

    __table_args__ = (
        one_of("status", "pending", "running", "completed", "failed"),
        *at_least(0, "processing_time_ms", "attempts"),
        *at_least(1, "repetition"),
        index(
            "uq_image_analyses_version",
            "image_id",
            "analyzer",
            "model_version",
            "repetition",
            unique=True,
            postgresql_where=text("status <> 'failed'"),
            serves="each version analyses an image once: ON CONFLICT DO NOTHING",
        ),
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
        index(
            "ix_image_analyses_analysis_job_id",
            "analysis_job_id",
            "status",
            "id",
            postgresql_where=text("analysis_job_id IS NOT NULL"),
            serves="a job's analyses by status, and whether it has live ones; SET NULL",
        ),
        index(
            "ix_image_analyses_lease_expires_at",
            "lease_expires_at",
            postgresql_where=text("status = 'running'"),
            serves="the sweep for expired leases: lease_expires_at < now()",
        ),
        index(
            "ix_image_analyses_pending",
            "updated_at",
            postgresql_where=text("status = 'pending'"),
            serves="the sweep for lost messages: updated_at < :limit",
        ),
        {"comment": "Analysis results, one row per run"},
    )
