"""Crawl jobs, the chunks they are split into, and the URLs that failed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import (
    JOB_STATES,
    Base,
    Created,
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
    from shared.models.exports import ExportJob
    from shared.models.images import Image
    from shared.models.projects import Project
    from shared.models.validations import ValidationJob


class CrawlJob(Job, Base):
    """One run that turns a source into images."""

    __tablename__ = "crawl_jobs"

    project_id: Mapped[UUID] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), comment="Where its images go"
    )
    name: Mapped[str] = mapped_column(comment="What the owner calls it")
    keywords: Mapped[Any] = mapped_column(
        JSONB, default=list, server_default=text("'[]'"), comment="Search words of the source"
    )
    source: Mapped[dict[str, Any]] = mapped_column(
        default=dict,
        server_default=text("'{}'"),
        deferred=True,  # megabytes of addresses, which few who read a job need
        comment="urls, manifest, pages or keywords",
    )
    options: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Limits, dedup, variants, validation"
    )
    progress: Mapped[int] = counter("0 to 100, by settled chunks")
    stage: Mapped[str] = mapped_column(
        default="fetching",
        server_default="fetching",
        comment="Step of a running job: fetching, then validating, then analyzing",
    )
    work: Mapped[dict[str, Any]] = mapped_column(
        default=dict,
        server_default=text("'{}'"),
        comment="What became of the variants, validation and analyses asked for, once it has ended",
    )
    total_images: Mapped[int] = counter("URLs to fetch, known once planned")
    downloaded_images: Mapped[int] = counter("Stored, first of their content; sum over chunks")
    valid_images: Mapped[int] = counter("Originals that break no rule")
    invalid_images: Mapped[int] = counter("Originals that break a rule")
    duplicate_images: Mapped[int] = counter("Content the project already had; sum over chunks")
    failed_images: Mapped[int] = counter("URLs that became no image; sum over chunks")
    total_chunks: Mapped[int] = counter("Chunks planned")
    active_chunks: Mapped[int] = counter("Chunks running")
    completed_chunks: Mapped[int] = counter("Chunks that ended well")
    failed_chunks: Mapped[int] = counter("Chunks given up")
    started_at: Mapped[datetime | None] = mapped_column(comment="First chunk handed out")
    deleted_at: Mapped[datetime | None] = mapped_column(
        comment="When its owner deleted it; its rows are being removed"
    )
    schedule_id: Mapped[UUID | None] = mapped_column(
        comment="Schedule that it is a run of; no reference"
    )
    scheduled_for: Mapped[datetime | None] = mapped_column(comment="Due time that it is the run of")

    project: Mapped[Project] = relationship(back_populates="crawl_jobs")
    chunks: Mapped[list[CrawlChunk]] = relationship(
        back_populates="crawl_job",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="CrawlChunk.position",
    )
    images: Mapped[list[Image]] = relationship(
        back_populates="crawl_job", cascade="all, delete-orphan", passive_deletes=True
    )
    validation_jobs: Mapped[list[ValidationJob]] = relationship(
        back_populates="crawl_job", cascade="all, delete-orphan", passive_deletes=True
    )
    export_jobs: Mapped[list[ExportJob]] = relationship(
        back_populates="crawl_job", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        one_of("status", *JOB_STATES),
        one_of("stage", "fetching", "validating", "analyzing"),
        percentage("progress"),
        *at_least(
            0,
            "total_images",
            "downloaded_images",
            "valid_images",
            "invalid_images",
            "duplicate_images",
            "failed_images",
            "total_chunks",
            "active_chunks",
            "completed_chunks",
            "failed_chunks",
        ),
        index(
            "ix_crawl_jobs_project_id",
            "project_id",
            "id",
            serves="list_crawl_jobs: project_id = :project ORDER BY id DESC; cascade",
        ),
        index(
            "ix_crawl_job_project_status",
            "project_id",
            "status",
            "id",
            serves="list_crawl_jobs by status: project_id = :project AND status = :status "
            "ORDER BY id DESC",
        ),
        index(
            "ix_crawl_job_status",
            "status",
            serves="the sweep for stuck jobs: status = 'running'",
        ),
        index(
            "ix_crawl_jobs_deleted_at",
            "deleted_at",
            postgresql_where=text("deleted_at IS NOT NULL"),
            serves="removals that were given up: deleted_at < :limit",
        ),
        index(
            "uq_crawl_jobs_schedule_id_scheduled_for",
            "schedule_id",
            "scheduled_for",
            unique=True,
            postgresql_where=text("schedule_id IS NOT NULL"),
            serves="one run for each due time; runs of a schedule that are at work",
        ),
        {"comment": "Runs that turn a source into images; counters are sums over chunks"},
    )


class CrawlChunk(Identified, Timestamped, Base):
    """A share of a crawl job that one message handler fetches under a lease."""

    __tablename__ = "crawl_chunks"

    crawl_job_id: Mapped[UUID] = mapped_column(
        ForeignKey("crawl_jobs.id", ondelete="CASCADE"), comment="The job it is part of"
    )
    position: Mapped[int] = mapped_column(comment="Order within the job, from 0")
    kind: Mapped[str] = mapped_column(
        default="urls",
        server_default="urls",
        comment="What it holds: urls to fetch, pages to read, variants to make",
    )
    status: Mapped[str] = mapped_column(
        default="pending",
        server_default="pending",
        comment="pending, running, completed, failed or cancelled",
    )
    urls: Mapped[list[Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="What to fetch, when small; else see urls_object"
    )
    urls_object: Mapped[str | None] = mapped_column(
        comment="Name of the bucket object that lists what to fetch, when large"
    )
    url_count: Mapped[int] = counter("URLs in the chunk")
    downloaded: Mapped[int] = counter("Stored, first of their content")
    duplicate: Mapped[int] = counter("Content the project already had")
    failed: Mapped[int] = counter("URLs that became no image")
    bytes: Mapped[int] = mapped_column(
        BigInteger, default=0, server_default=text("0"), comment="Bytes downloaded"
    )
    lost_workers: Mapped[int] = counter("Workers that died while it was alone in its chunk")
    attempts: Mapped[int] = counter("Leases given out; also the fencing token of every write")
    lease_expires_at: Mapped[datetime | None] = mapped_column(
        comment="Until when its handler may write; expired leases are handed out again"
    )
    due_at: Mapped[datetime | None] = mapped_column(
        comment="When it is handed out, where its hosts are closed until then"
    )
    waits_since: Mapped[datetime | None] = mapped_column(
        comment="Since when its addresses wait for their hosts"
    )
    error: Mapped[str | None] = mapped_column(comment="Why the chunk failed, for a person")
    started_at: Mapped[datetime | None] = mapped_column(comment="First lease")
    completed_at: Mapped[datetime | None] = mapped_column(comment="Final state reached")

    crawl_job: Mapped[CrawlJob] = relationship(back_populates="chunks")

    __table_args__ = (
        one_of("status", *JOB_STATES),
        one_of("kind", "urls", "manifest", "pages", "keywords", "variants"),
        *at_least(
            0, "position", "url_count", "downloaded", "duplicate", "failed", "bytes", "attempts"
        ),
        CheckConstraint("num_nonnulls(urls, urls_object) <= 1", name="urls"),
        UniqueConstraint(
            "crawl_job_id",
            "position",
            info={"serves": "planning twice: ON CONFLICT (crawl_job_id, position); cascade"},
        ),
        index(
            "ix_crawl_chunks_crawl_job_id_id",
            "crawl_job_id",
            "id",
            serves="list_chunks: crawl_job_id = :job ORDER BY id DESC",
        ),
        index(
            "ix_crawl_chunks_crawl_job_id_status_id",
            "crawl_job_id",
            "status",
            "id",
            serves="list_chunks by status; the chunks a job still waits for",
        ),
        index(
            "ix_crawl_chunks_lease_expires_at",
            "lease_expires_at",
            postgresql_where=text("status = 'running'"),
            serves="the sweep for dead handlers: status = 'running' AND lease_expires_at < now()",
        ),
        index(
            "ix_crawl_chunks_pending",
            "updated_at",
            postgresql_where=text("status = 'pending'"),
            serves="the sweep for lost messages: status = 'pending' AND updated_at < :limit",
        ),
        index(
            "ix_crawl_chunks_due_at",
            "due_at",
            postgresql_where=text("status = 'pending'"),
            serves="the sweep for chunks that waited: status = 'pending' AND due_at < now()",
        ),
        {"comment": "Shares of a crawl job; each row carries its own counts"},
    )


class FetchFailure(Identified, Created, Base):
    """A URL that did not become an image, and why."""

    __tablename__ = "fetch_failures"

    crawl_job_id: Mapped[UUID] = mapped_column(
        ForeignKey("crawl_jobs.id", ondelete="CASCADE"), comment="The job that asked for it"
    )
    chunk_id: Mapped[UUID] = mapped_column(
        ForeignKey("crawl_chunks.id", ondelete="CASCADE"), comment="The chunk that tried it"
    )
    url: Mapped[str] = mapped_column(comment="Address as given, without user information")
    position: Mapped[int | None] = mapped_column(
        comment="Place in the list of the request, from 0; NULL for what pages lead to"
    )
    image_id: Mapped[UUID | None] = mapped_column(
        comment="Image whose variants failed, NULL for an address; no reference"
    )
    reason: Mapped[str] = mapped_column(comment="Kind of failure, from a closed list in code")
    http_status: Mapped[int | None] = mapped_column(comment="Status of the last answer, if any")
    detail: Mapped[str | None] = mapped_column(comment="The reason in words, for a person")
    retryable: Mapped[bool] = mapped_column(
        default=False, server_default=text("false"), comment="True when it may pass"
    )

    __table_args__ = (
        index("ix_fetch_failures_chunk_id", "chunk_id", serves="retry of a chunk; cascade"),
        index(
            "ix_fetch_failures_crawl_job_id_reason",
            "crawl_job_id",
            "reason",
            serves="get_crawl_report: crawl_job_id = :job GROUP BY reason; cascade",
        ),
        index(
            "ix_fetch_failures_retryable",
            "crawl_job_id",
            "chunk_id",
            postgresql_where=text("retryable"),
            serves="retry_crawl_job: crawl_job_id = :job AND retryable",
        ),
        {"comment": "URLs that became no image, with their reason"},
    )


class FoundAddress(Created, Base):
    """An address that a search by keywords has found: rows that only answer whether it is new."""

    __tablename__ = "found_addresses"

    crawl_job_id: Mapped[UUID] = mapped_column(
        ForeignKey("crawl_jobs.id", ondelete="CASCADE"),
        primary_key=True,
        comment="The job that searches",
    )
    digest: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="SHA-256 of the label and the address"
    )

    __table_args__ = (
        {"comment": "Addresses that a search by keywords has found, each once for each label"},
    )
