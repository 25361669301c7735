"""Crawls that repeat."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Identified, Timestamped, at_least, counter, index


class CrawlSchedule(Identified, Timestamped, Base):
    """A crawl that is repeated: the same source and options, as jobs of its own."""

    __tablename__ = "crawl_schedules"

    project_id: Mapped[UUID] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), comment="Where its images go"
    )
    name: Mapped[str] = mapped_column(comment="What the owner calls it")
    source: Mapped[dict[str, Any]] = mapped_column(
        deferred=True,  # megabytes of addresses, which few who read a schedule need
        comment="urls, manifest, pages or keywords",
    )
    keywords: Mapped[list[Any]] = mapped_column(
        default=list, server_default=text("'[]'"), comment="Search words of the source"
    )
    options: Mapped[dict[str, Any]] = mapped_column(comment="As its crawl jobs have them")
    seconds: Mapped[int] = mapped_column(comment="From one due time to the next")
    next_run_at: Mapped[datetime] = mapped_column(comment="The due time that comes")
    tried_at: Mapped[datetime | None] = mapped_column(
        comment="When a run that is due could not begin"
    )
    last_run_at: Mapped[datetime | None] = mapped_column(comment="Due time of its latest job")
    last_crawl_job_id: Mapped[UUID | None] = mapped_column(comment="Its latest job; no reference")
    missed_runs: Mapped[int] = counter("Due times that brought no run")
    error: Mapped[str | None] = mapped_column(
        comment="Why the latest due time brought no run, for a person"
    )

    __table_args__ = (
        CheckConstraint("seconds >= 3600", name="seconds"),
        *at_least(0, "missed_runs"),
        index(
            "ix_crawl_schedules_project_id",
            "project_id",
            "id",
            serves="list_schedules: project_id = :project ORDER BY id DESC; cascade",
        ),
        index(
            "ix_crawl_schedules_next_run_at",
            "next_run_at",
            serves="what is due: next_run_at <= now()",
        ),
        {"comment": "Crawls that repeat"},
    )
