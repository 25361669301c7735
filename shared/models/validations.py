"""Validation jobs and what they found."""

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
    Created,
    Job,
    at_least,
    counter,
    index,
    one_of,
    percentage,
)

if TYPE_CHECKING:
    from shared.models.crawls import CrawlJob


class ValidationJob(Job, Base):
    """One check of a crawl job's images against rules."""

    __tablename__ = "validation_jobs"

    crawl_job_id: Mapped[UUID] = mapped_column(
        ForeignKey("crawl_jobs.id", ondelete="CASCADE"), comment="Whose images are checked"
    )
    name: Mapped[str] = mapped_column(comment="What the owner calls it")
    for_crawl: Mapped[bool] = mapped_column(
        default=False,
        server_default=text("false"),
        comment="True when the crawl job asked for it and waits for it",
    )
    total_images: Mapped[int] = counter("Originals to check")
    validated_images: Mapped[int] = counter("Originals checked")
    invalid_images: Mapped[int] = counter("Originals that broke a rule")
    duplicate_images: Mapped[int] = counter("Duplicates checked")
    invalid_duplicates: Mapped[int] = counter("Duplicates that broke a rule")
    validation_rules: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Limits by rule name"
    )
    position: Mapped[UUID | None] = mapped_column(
        comment="Last image checked; work continues after it"
    )
    started_at: Mapped[datetime | None] = mapped_column(comment="Checking began")

    crawl_job: Mapped[CrawlJob] = relationship(back_populates="validation_jobs")

    __table_args__ = (
        one_of("status", *JOB_STATES),
        percentage("progress"),
        *at_least(
            0,
            "total_images",
            "validated_images",
            "invalid_images",
            "duplicate_images",
            "invalid_duplicates",
        ),
        index(
            "ix_validation_job_crawl_job_id",
            "crawl_job_id",
            "id",
            serves="list_validation_jobs: crawl_job_id = :job ORDER BY id DESC; cascade",
        ),
        index(
            "ix_validation_job_status",
            "status",
            serves="the sweep for stuck jobs: status = 'running'",
        ),
        {"comment": "Checks of a crawl job's images against rules"},
    )


class ValidationResult(Created, Base):
    """The verdict of one validation job on one image."""

    __tablename__ = "validation_results"

    validation_job_id: Mapped[UUID] = mapped_column(
        ForeignKey("validation_jobs.id", ondelete="CASCADE"),
        primary_key=True,
        comment="The check",
    )
    image_id: Mapped[UUID] = mapped_column(
        ForeignKey("images.id", ondelete="CASCADE"), primary_key=True, comment="The image"
    )
    is_valid: Mapped[bool] = mapped_column(comment="True when it broke no rule")
    violations: Mapped[list[Any]] = mapped_column(
        JSONB,
        default=list,
        server_default=text("'[]'"),
        comment="Broken rules, each with rule, limit and actual",
    )

    __table_args__ = (
        index(
            "ix_validation_results_valid",
            "validation_job_id",
            "is_valid",
            "image_id",
            serves="list_validation_results?valid=: validation_job_id = :job AND is_valid = :valid "
            "ORDER BY image_id DESC",
        ),
        index(
            "ix_validation_results_image_id",
            "image_id",
            serves="an image's validations; cascade",
        ),
        {"comment": "Findings, one row per validation job and image"},
    )
