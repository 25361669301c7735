"""Export jobs: archives and tables made from a project's images."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, ForeignKey, text
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
    from shared.models.accounts import Profile
    from shared.models.crawls import CrawlJob
    from shared.models.projects import Project


class ExportJob(Job, Base):
    """One file built from the images of a crawl job or a whole project."""

    __tablename__ = "export_jobs"

    crawl_job_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("crawl_jobs.id", ondelete="CASCADE"),
        comment="Whose images; NULL for the whole project",
    )
    version_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"),
        comment="Version that is exported; NULL for what the project holds at the time",
    )
    project_id: Mapped[UUID] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"),
        server_default=FetchedValue(),
        comment="The project; filled from the crawl job when left out",
    )
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"),
        server_default=FetchedValue(),
        comment="Owner of the project; filled from it when left out",
    )
    name: Mapped[str] = mapped_column(comment="What the owner calls it")
    format: Mapped[str] = mapped_column(
        default="zip", server_default="zip", comment="zip, tar, csv, json or parquet"
    )
    total_images: Mapped[int] = counter("Images to export")
    exported_images: Mapped[int] = counter("Images written")
    duplicate_images: Mapped[int] = counter("Images written that duplicate another")
    failed_images: Mapped[int] = counter("Images that could not be written")
    failures: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB,
        default=list,
        server_default=text("'[]'"),
        comment="Why images could not be written, of the first 100",
    )
    warnings: Mapped[list[str]] = mapped_column(
        JSONB,
        default=list,
        server_default=text("'[]'"),
        comment="What the dataset lacks, for a person",
    )
    file_size: Mapped[int | None] = mapped_column(BigInteger, comment="Bytes of the file")
    sha256: Mapped[str | None] = mapped_column(comment="SHA-256 hex of the file")
    object: Mapped[str | None] = mapped_column(comment="Name of the stored file")
    expires_at: Mapped[datetime | None] = mapped_column(comment="When the file is deleted")
    export_options: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Layout, splits, variant, filters"
    )
    state: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="What all parts are built by; NULL when not planned, or ended",
    )
    started_at: Mapped[datetime | None] = mapped_column(comment="Building began")

    crawl_job: Mapped[CrawlJob | None] = relationship(back_populates="export_jobs")
    project: Mapped[Project] = relationship(back_populates="export_jobs")
    user: Mapped[Profile] = relationship(back_populates="export_jobs")

    __table_args__ = (
        one_of("status", *JOB_STATES),
        one_of("format", "zip", "tar", "csv", "json", "parquet"),
        percentage("progress"),
        *at_least(0, "total_images", "exported_images", "file_size"),
        *at_least(0, "duplicate_images", "failed_images"),
        index(
            "ix_export_job_user_id",
            "user_id",
            "id",
            serves="list_export_jobs: user_id = :user ORDER BY id DESC; cascade",
        ),
        index(
            "ix_export_jobs_user_id_status_id",
            "user_id",
            "status",
            "id",
            serves="list_export_jobs by status",
        ),
        index(
            "ix_export_job_status",
            "status",
            serves="the sweep for stuck jobs: status = 'running'",
        ),
        index(
            "ix_export_job_crawl_job_id",
            "crawl_job_id",
            serves="a crawl job's exports; cascade",
        ),
        index(
            "ix_export_jobs_version_id",
            "version_id",
            postgresql_where=text("version_id IS NOT NULL"),
            serves="a version's exports; cascade",
        ),
        index("ix_export_jobs_project_id", "project_id", serves="a project's exports; cascade"),
        index(
            "ix_export_jobs_expires_at",
            "expires_at",
            postgresql_where=text("object IS NOT NULL"),
            serves="expiry of files: object IS NOT NULL AND expires_at < now()",
        ),
        {"comment": "Files built from a project's images"},
    )


class ExportPart(Identified, Timestamped, Base):
    """A share of an export that is not complete: images in a range, built under a lease."""

    __tablename__ = "export_parts"

    export_job_id: Mapped[UUID] = mapped_column(
        ForeignKey("export_jobs.id", ondelete="CASCADE"), comment="The job it is part of"
    )
    split: Mapped[str | None] = mapped_column(comment="Split whose images it holds; NULL for all")
    shard: Mapped[str | None] = mapped_column(comment="Shard that it lies in, if there are any")
    after: Mapped[UUID | None] = mapped_column(comment="Image that it begins behind; no reference")
    until: Mapped[UUID] = mapped_column(comment="Its last image; no reference")
    status: Mapped[str] = mapped_column(
        default="pending", server_default="pending", comment="pending, running or completed"
    )
    attempts: Mapped[int] = counter("Leases given out; also the fencing token of every write")
    lost_workers: Mapped[int] = counter("Workers that died over no image in particular")
    lease_expires_at: Mapped[datetime | None] = mapped_column(
        comment="Until when its handler may write; expired leases are handed out again"
    )
    making: Mapped[UUID | None] = mapped_column(
        comment="Image that is to blame should the worker die now; no reference"
    )
    deaths: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Workers that died, by image"
    )
    exported_images: Mapped[int] = counter("Images written")
    duplicate_images: Mapped[int] = counter("Images written that duplicate another")
    failed_images: Mapped[int] = counter("Images that could not be written")
    object: Mapped[str | None] = mapped_column(comment="Name of its object once it is completed")

    __table_args__ = (
        one_of("status", "pending", "running", "completed"),
        *at_least(0, "attempts", "lost_workers"),
        *at_least(0, "exported_images", "duplicate_images", "failed_images"),
        index(
            "ix_export_parts_export_job_id_status",
            "export_job_id",
            "status",
            serves="the parts that a job still waits for; cascade",
        ),
        index(
            "ix_export_parts_lease_expires_at",
            "lease_expires_at",
            postgresql_where=text("status = 'running'"),
            serves="the sweep for dead handlers: status = 'running' AND lease_expires_at < now()",
        ),
        index(
            "ix_export_parts_pending",
            "updated_at",
            postgresql_where=text("status = 'pending'"),
            serves="the sweep for lost messages: status = 'pending' AND updated_at < :limit",
        ),
        {"comment": "Shares of exports that are being built"},
    )
