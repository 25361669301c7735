"""Verification jobs, their chunks, and what became of each image's origin."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

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

OUTCOMES = (
    "same_bytes",
    "same_picture",
    "different_picture",
    "gone",
    "opted_out",
    "unreachable",
)


class VerificationJob(Job, Base):
    """One pass over the origins of a project's images."""

    __tablename__ = "verification_jobs"

    project_id: Mapped[UUID] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), comment="Whose images are verified"
    )
    export_job_id: Mapped[UUID | None] = mapped_column(
        comment="Export that waits for it, and whose images it is of; no reference",
    )
    name: Mapped[str] = mapped_column(comment="What the owner calls it")
    filter: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Which images; all when empty"
    )
    max_distance: Mapped[int] = mapped_column(
        comment="Differing bits of 64 up to which a picture is the same"
    )
    rights: Mapped[str | None] = mapped_column(
        comment="How wishes about the use are heeded; NULL as by the crawl of each image"
    )
    respect_robots: Mapped[bool | None] = mapped_column(
        comment="Whether robots.txt is heeded; NULL as by the crawl of each image"
    )
    total_images: Mapped[int] = counter("Images with an origin; this and the next once it ended")
    same_bytes: Mapped[int] = counter("Origins that serve the same bytes")
    same_picture: Mapped[int] = counter("Origins that serve other bytes of the same picture")
    different_picture: Mapped[int] = counter("Origins that serve something else")
    gone: Mapped[int] = counter("Origins that serve it no more")
    opted_out: Mapped[int] = counter("Origins that refuse it by now")
    unreachable: Mapped[int] = counter("Origins of which nothing is known, for a passing reason")
    without_origin: Mapped[int] = counter("Images that were uploaded, not in the total")
    position: Mapped[UUID | None] = mapped_column(
        comment="Last image planned; planning continues after it"
    )
    planned_at: Mapped[datetime | None] = mapped_column(comment="All images are in a chunk")
    started_at: Mapped[datetime | None] = mapped_column(comment="Planning began")
    deleted_at: Mapped[datetime | None] = mapped_column(
        comment="When it was deleted; what is left of it is being removed"
    )

    __table_args__ = (
        one_of("status", *JOB_STATES),
        percentage("progress"),
        *at_least(0, "total_images", *OUTCOMES, "without_origin"),
        CheckConstraint("max_distance BETWEEN 0 AND 16", name="max_distance"),
        one_of("rights", "respect", "opt_in_only", "ignore"),
        index(
            "ix_verification_jobs_project_id_id",
            "project_id",
            "id",
            serves="list_verification_jobs: project_id = :project ORDER BY id DESC; cascade",
        ),
        index(
            "uq_verification_jobs_export_job_id",
            "export_job_id",
            unique=True,
            postgresql_where=text("export_job_id IS NOT NULL"),
            serves="the rights of an export's images; one for each",
        ),
        index(
            "ix_verification_jobs_deleted_at",
            "deleted_at",
            postgresql_where=text("deleted_at IS NOT NULL"),
            serves="removals that were given up: deleted_at < :limit",
        ),
        index(
            "ix_verification_jobs_unfinished",
            "updated_at",
            postgresql_where=text("status IN ('pending', 'running')"),
            serves="the sweep for lost messages: live and updated_at < :limit",
        ),
        {"comment": "Passes over the origins of a project's images"},
    )


class VerificationChunk(Identified, Timestamped, Base):
    """A share of a verification job: images of one crawl job, asked for under a lease."""

    __tablename__ = "verification_chunks"

    verification_job_id: Mapped[UUID] = mapped_column(
        ForeignKey("verification_jobs.id", ondelete="CASCADE"), comment="The job it is part of"
    )
    crawl_job_id: Mapped[UUID] = mapped_column(
        ForeignKey("crawl_jobs.id", ondelete="CASCADE"),
        comment="The crawl that brought its images, on whose terms they are asked for",
    )
    status: Mapped[str] = mapped_column(
        default="pending",
        server_default="pending",
        comment="pending, running, completed, failed or cancelled",
    )
    lost_workers: Mapped[int] = counter("Workers that died while one image was alone in it")
    attempts: Mapped[int] = counter("Leases given out; also the fencing token of every write")
    lease_expires_at: Mapped[datetime | None] = mapped_column(
        comment="Until when its handler may write; expired leases are handed out again"
    )
    error: Mapped[str | None] = mapped_column(comment="Why the chunk failed, for a person")
    completed_at: Mapped[datetime | None] = mapped_column(comment="Final state reached")

    __table_args__ = (
        one_of("status", *JOB_STATES),
        *at_least(0, "attempts", "lost_workers"),
        index(
            "ix_verification_chunks_verification_job_id_status",
            "verification_job_id",
            "status",
            serves="the chunks a job still waits for; cascade",
        ),
        index("ix_verification_chunks_crawl_job_id", "crawl_job_id", serves="cascade"),
        index(
            "ix_verification_chunks_lease_expires_at",
            "lease_expires_at",
            postgresql_where=text("status = 'running'"),
            serves="the sweep for dead handlers: status = 'running' AND lease_expires_at < now()",
        ),
        index(
            "ix_verification_chunks_pending",
            "updated_at",
            postgresql_where=text("status = 'pending'"),
            serves="the sweep for lost messages: status = 'pending' AND updated_at < :limit",
        ),
        {"comment": "Shares of a verification job; which images: verification_results"},
    )


class VerificationResult(Base):
    """One image of a verification job, and what became of its origin once that was asked."""

    __tablename__ = "verification_results"

    verification_job_id: Mapped[UUID] = mapped_column(
        ForeignKey("verification_jobs.id", ondelete="CASCADE"), primary_key=True, comment="The job"
    )
    image_id: Mapped[UUID] = mapped_column(
        ForeignKey("images.id", ondelete="CASCADE"), primary_key=True, comment="The image"
    )
    chunk_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("verification_chunks.id", ondelete="CASCADE"),
        comment="Chunk that is to ask for it; NULL once there is an outcome",
    )
    address_key: Mapped[UUID | None] = mapped_column(
        comment="MD5 of the origin's address and the stored bytes' hash"
    )
    asked_with: Mapped[UUID | None] = mapped_column(
        comment="Image of the same address and bytes that is asked for instead; no reference"
    )
    page_key: Mapped[UUID | None] = mapped_column(
        comment="MD5 of its crawl job and the page that showed it; NULL where no page was read"
    )
    page_refusal: Mapped[str | None] = mapped_column(
        comment="Why that page gives no images by now, where it was asked with this one"
    )
    page_signal_ids: Mapped[list[UUID] | None] = mapped_column(
        ARRAY(Uuid), comment="What that page said, where it was asked with this one; no reference"
    )
    host: Mapped[str] = mapped_column(comment="Host of its origin")
    taken_at: Mapped[datetime] = mapped_column(comment="When the image was taken from there")
    outcome: Mapped[str | None] = mapped_column(
        comment="same_bytes, same_picture, different_picture, gone, opted_out or unreachable"
    )
    reason: Mapped[str | None] = mapped_column(
        comment="Kind of outcome, from a closed list in code; NULL for the same"
    )
    detail: Mapped[str | None] = mapped_column(comment="The reason in words, for a person")
    http_status: Mapped[int | None] = mapped_column(comment="Status of the last answer, if any")
    redirected_to: Mapped[str | None] = mapped_column(
        comment="Address that answered, where it is of another host"
    )
    sha256: Mapped[str | None] = mapped_column(comment="SHA-256 hex of what is served now")
    distance: Mapped[int | None] = mapped_column(
        comment="Differing bits of 64 between the two perceptual hashes"
    )
    rights_signal_ids: Mapped[list[UUID] | None] = mapped_column(
        ARRAY(Uuid), comment="Signals about its use that were met; no reference"
    )
    checked_at: Mapped[datetime | None] = mapped_column(comment="When its origin was asked")

    __table_args__ = (
        one_of("outcome", *OUTCOMES),
        CheckConstraint("chunk_id IS NULL OR outcome IS NULL", name="chunk_id"),
        CheckConstraint("distance BETWEEN 0 AND 64", name="distance"),
        index(
            "ix_verification_results_outcome",
            "verification_job_id",
            "outcome",
            "image_id",
            serves="counts; results by outcome: verification_job_id = :job AND outcome = :outcome "
            "ORDER BY image_id DESC",
        ),
        index(
            "ix_verification_results_host",
            "verification_job_id",
            "host",
            "image_id",
            serves="results by host: verification_job_id = :job AND host = :host "
            "ORDER BY image_id DESC",
        ),
        index(
            "ix_verification_results_image_id",
            "image_id",
            "verification_job_id",
            serves="an image's latest verification: image_id = :image ORDER BY "
            "verification_job_id DESC; cascade",
        ),
        index(
            "ix_verification_results_address_key",
            "verification_job_id",
            "address_key",
            postgresql_where=text("asked_with IS NULL"),
            serves="the image of an address that is asked for: verification_job_id = :job AND "
            "address_key = :key AND asked_with IS NULL",
        ),
        index(
            "ix_verification_results_page_key",
            "verification_job_id",
            "page_key",
            "image_id",
            postgresql_where=text("page_key IS NOT NULL"),
            serves="the image with which a page is asked: verification_job_id = :job AND "
            "page_key = :key AND image_id < :image",
        ),
        index(
            "ix_verification_results_chunk_id",
            "chunk_id",
            postgresql_where=text("chunk_id IS NOT NULL"),
            serves="the images of a chunk; cascade",
        ),
        {"comment": "Images of verification jobs, with what became of their origins"},
    )
