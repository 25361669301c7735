"""Timing of every attempt at a piece of work."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import FetchedValue, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import JOB_STATES, Base, Identified, Timestamped, at_least, index, one_of


class JobStats(Identified, Timestamped, Base):
    """One attempt: what it worked on, how long it took, how it ended."""

    __tablename__ = "job_stats"

    job_id: Mapped[str] = mapped_column(comment="Id of the message that asked for the work")
    operation: Mapped[str] = mapped_column(comment="Function that did it")
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"),
        server_default=FetchedValue(),
        comment="Owner; kept here because image and crawl job may both be gone",
    )
    image_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("images.id", ondelete="SET NULL"), comment="NULL once the image is gone"
    )
    crawl_job_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("crawl_jobs.id", ondelete="SET NULL"), comment="NULL once the job is gone"
    )
    status: Mapped[str] = mapped_column(
        default="running",
        server_default="running",
        comment="pending, running, completed, failed or cancelled",
    )
    attempt: Mapped[int] = mapped_column(
        default=1, server_default=text("1"), comment="Counts from 1"
    )
    start_time: Mapped[datetime | None] = mapped_column(comment="Attempt began")
    end_time: Mapped[datetime | None] = mapped_column(comment="Attempt ended")
    duration_ms: Mapped[float | None] = mapped_column(comment="Milliseconds")
    error: Mapped[str | None] = mapped_column(comment="Why it failed, for a person")

    __table_args__ = (
        one_of("status", *JOB_STATES),
        *at_least(1, "attempt"),
        *at_least(0, "duration_ms"),
        UniqueConstraint(
            "job_id",
            "image_id",
            "attempt",
            info={"serves": "one row per attempt: ON CONFLICT (job_id, image_id, attempt)"},
        ),
        index(
            "ix_job_stats_user_id_id",
            "user_id",
            "id",
            serves="list_job_stats: user_id = :user ORDER BY id DESC; cascade",
        ),
        index(
            "ix_job_stats_user_id_status_id",
            "user_id",
            "status",
            "id",
            serves="list_job_stats by status",
        ),
        index(
            "ix_job_stats_image_id_id",
            "image_id",
            "id",
            postgresql_where=text("image_id IS NOT NULL"),
            serves="list_job_stats by image; SET NULL",
        ),
        index(
            "ix_job_stats_crawl_job_id",
            "crawl_job_id",
            postgresql_where=text("crawl_job_id IS NOT NULL"),
            serves="attempts of a crawl job; SET NULL",
        ),
        index("ix_job_stats_start_time", "start_time", serves="attempts of all users by time"),
        index(
            "ix_job_stats_created_at",
            "created_at",
            postgresql_using="brin",
            serves="retention: created_at < :limit",
        ),
        {"comment": "Attempts at pieces of work; kept when their image goes"},
    )
