"""Images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import Base, Identified, Timestamped, at_least, index, one_of

if TYPE_CHECKING:
    from shared.models.accounts import Profile
    from shared.models.analyses import ImageAnalysis
    from shared.models.crawls import CrawlJob
    from shared.models.projects import Project
    from shared.models.variants import ImageVariant


class Image(Identified, Timestamped, Base):
    """An image of a project, crawled or uploaded."""

    __tablename__ = "images"

    image_id: Mapped[UUID] = mapped_column(
        Computed("id", persisted=True), deferred=True, comment="The id under its other name"
    )
    project_id: Mapped[UUID] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"),
        server_default=FetchedValue(),
        comment="Dataset it belongs to; filled from the crawl job when left out",
    )
    crawl_job_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("crawl_jobs.id", ondelete="CASCADE"), comment="NULL for uploads"
    )
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"),
        server_default=FetchedValue(),
        comment="Owner of the project; filled from it when left out",
    )
    original_url: Mapped[str | None] = mapped_column(comment="Where it was downloaded from")
    source_page: Mapped[str | None] = mapped_column(comment="Page that shows or describes it")
    file_name: Mapped[str | None] = mapped_column(comment="Name at its origin")
    file_path: Mapped[str | None] = mapped_column(comment="Name of the stored object")
    bucket: Mapped[str | None] = mapped_column(comment="Bucket of the stored object")
    generation: Mapped[int | None] = mapped_column(
        BigInteger, comment="Generation of the stored object"
    )
    processed_path: Mapped[str | None] = mapped_column(
        comment="Object name of the processed version"
    )
    image_hash: Mapped[str | None] = mapped_column(
        comment="SHA-256 hex of owner and content; only on the first image of its content"
    )
    sha256: Mapped[str | None] = mapped_column(comment="SHA-256 hex of the content")
    crc32: Mapped[int | None] = mapped_column(
        BigInteger, comment="CRC-32 of the content; NULL where it was stored before this was kept"
    )
    extras: Mapped[str | None] = mapped_column(
        comment="What the content has beside the picture: none, metadata, or what readers refuse it"
        " for (refused); NULL is unknown"
    )
    phash: Mapped[int | None] = mapped_column(
        BigInteger, comment="64-bit perceptual hash, as a signed integer"
    )
    phash_high: Mapped[int | None] = mapped_column(
        Integer,
        Computed("((phash >> 43) & 2097151)::integer", persisted=True),
        deferred=True,
        comment="Top 21 bits of phash, for near-duplicate search",
    )
    phash_middle: Mapped[int | None] = mapped_column(
        Integer,
        Computed("((phash >> 22) & 2097151)::integer", persisted=True),
        deferred=True,
        comment="Middle 21 bits of phash, for near-duplicate search",
    )
    phash_low: Mapped[int | None] = mapped_column(
        Integer,
        Computed("(phash & 4194303)::integer", persisted=True),
        deferred=True,
        comment="Low 22 bits of phash, for near-duplicate search",
    )
    phash_halves: Mapped[bytes | None] = mapped_column(
        LargeBinary,
        comment="phash of the upper, lower, left and right half, 8 bytes each; then a byte each of"
        " how many tenths of bits of the whole and of the halves saving again flips",
    )
    mime_type: Mapped[str | None] = mapped_column(comment="Media type, from the decoder")
    format: Mapped[str | None] = mapped_column(comment="jpeg, png, webp, …, from the decoder")
    file_size: Mapped[int | None] = mapped_column(BigInteger, comment="Bytes")
    width: Mapped[int | None] = mapped_column(comment="Pixels")
    height: Mapped[int | None] = mapped_column(comment="Pixels")
    channels: Mapped[int | None] = mapped_column(comment="1 is grey, 3 colour, 4 with alpha")
    frames: Mapped[int | None] = mapped_column(comment="More than 1 is animated")
    sharpness: Mapped[float | None] = mapped_column(comment="Variance of the Laplacian; 0 is flat")
    brightness: Mapped[float | None] = mapped_column(comment="Mean luma, 0 to 1")
    darkness: Mapped[float | None] = mapped_column(
        comment="1 minus the luma of the brightest pixels, 0 to 1"
    )
    uniformity: Mapped[float | None] = mapped_column(
        comment="Share of the commonest colour, 0 to 1"
    )
    color: Mapped[int | None] = mapped_column(
        comment="Mean colour as it shows, 0xRRGGBB; NULL where it was stored before this was kept"
    )
    exif: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="Camera metadata of the original"
    )
    label: Mapped[str | None] = mapped_column(comment="Class, for training")
    caption: Mapped[str | None] = mapped_column(comment="Description, for training")
    license: Mapped[str | None] = mapped_column(comment="Licence it is offered under")
    attribution: Mapped[str | None] = mapped_column(comment="Whom to credit")
    creator: Mapped[str | None] = mapped_column(comment="Who made it, as the file says")
    status: Mapped[str] = mapped_column(
        default="processing",
        server_default="processing",
        comment="processing, completed or failed",
    )
    is_valid: Mapped[bool] = mapped_column(
        default=True,
        server_default=text("true"),
        comment="False once it failed or broke a rule of its latest validation",
    )
    is_duplicate: Mapped[bool] = mapped_column(
        default=False,
        server_default=text("false"),
        comment="True when the project has a better image of the same content or looks",
    )
    duplicate_of: Mapped[UUID | None] = mapped_column(
        comment="Best image of the project that has the same content or looks the same"
    )
    failure_reason: Mapped[str | None] = mapped_column(comment="Why it failed, for a person")
    variant_requests: Mapped[list[dict[str, Any]] | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="Variants asked for by hand that are not made yet, or cannot be",
    )
    rights_signal_ids: Mapped[list[UUID] | None] = mapped_column(
        ARRAY(Uuid), comment="Signals about its use that its crawl met; no reference"
    )
    list_position: Mapped[int | None] = mapped_column(
        comment="Place of its entry in the list of its crawl job, from 0"
    )
    said_by: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="Where a label and the like is from another entry: its job and place, or person",
    )
    crawl_chunk_id: Mapped[UUID | None] = mapped_column(
        comment="Chunk that counts it, as long as there is that chunk; no reference"
    )
    metadata_: Mapped[dict[str, Any]] = mapped_column(
        "metadata",
        default=dict,
        server_default=text("'{}'"),
        comment="Further facts from its source",
    )
    rejected: Mapped[bool] = mapped_column(
        default=False,
        server_default=text("false"),
        comment="True while it is kept out of exports and later crawls",
    )
    reject_reason: Mapped[str | None] = mapped_column(comment="Why it is rejected, for a person")
    rejected_with: Mapped[UUID | None] = mapped_column(
        comment="Rejected image that it equals or looks like; NULL when rejected itself"
    )

    project: Mapped[Project] = relationship(back_populates="images")
    crawl_job: Mapped[CrawlJob | None] = relationship(back_populates="images")
    user: Mapped[Profile] = relationship(back_populates="images")
    variants: Mapped[list[ImageVariant]] = relationship(
        back_populates="image", cascade="all, delete-orphan", passive_deletes=True
    )
    analyses: Mapped[list[ImageAnalysis]] = relationship(
        back_populates="image",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="ImageAnalysis.id.desc()",
    )

    __table_args__ = (
        one_of("status", "processing", "completed", "failed"),
        *at_least(1, "width", "height", "channels", "frames"),
        *at_least(0, "file_size", "sharpness"),
        *(
            CheckConstraint(f"{share} BETWEEN 0 AND 1", name=share)
            for share in ("brightness", "darkness", "uniformity")
        ),
        CheckConstraint("octet_length(phash_halves) = 37", name="phash_halves"),
        one_of("extras", "none", "metadata", "refused"),
        CheckConstraint("duplicate_of <> id", name="duplicate_of"),
        ForeignKeyConstraint(
            ["project_id", "duplicate_of"],
            ["images.project_id", "images.id"],
            name="fk_images_duplicate_of",
            ondelete="SET NULL (duplicate_of)",
        ),
        CheckConstraint("rejected OR reject_reason IS NULL", name="rejected"),
        ForeignKeyConstraint(
            ["project_id", "rejected_with"],
            ["images.project_id", "images.id"],
            name="fk_images_rejected_with",
            ondelete="SET NULL (rejected_with)",
        ),
        UniqueConstraint(
            "project_id",
            "id",
            info={
                "serves": "list_images, exports and counts: project_id = :project "
                "ORDER BY id DESC; duplicates stay within their project; cascade"
            },
        ),
        UniqueConstraint(
            "project_id",
            "image_hash",
            info={"serves": "exact dedup: ON CONFLICT (project_id, image_hash)"},
        ),
        index(
            "ix_images_image_id", "image_id", serves="an image by its other name: image_id = :id"
        ),
        index(
            "idx_user_id",
            "user_id",
            "created_at",
            serves="a user's images and daily storage: user_id = :user AND created_at >= :since",
        ),
        index(
            "ix_image_crawl_job_id",
            "crawl_job_id",
            "id",
            serves="list_images and validation of a job: crawl_job_id = :job ORDER BY id DESC",
        ),
        index(
            "ix_images_project_id_sha256",
            "project_id",
            "sha256",
            serves="images that share an object: project_id = :project AND sha256 = :sha256",
        ),
        *(
            index(
                f"ix_images_project_id_{band}",
                "project_id",
                band,
                postgresql_where=text(f"{band} IS NOT NULL"),
                serves=f"near duplicates: project_id = :project AND {band} = "
                "ANY (phash_probes(:band, :bits))",
            )
            for band in ("phash_high", "phash_middle", "phash_low")
        ),
        index(
            "ix_images_project_id_format_id",
            "project_id",
            "format",
            "id",
            serves="list_images by format",
        ),
        index(
            "ix_images_project_id_label_id",
            "project_id",
            "label",
            "id",
            postgresql_where=text("label IS NOT NULL"),
            serves="list_images by label",
        ),
        index(
            "ix_images_project_id_status_id",
            "project_id",
            "status",
            "id",
            postgresql_where=text("status <> 'completed'"),
            serves="list_images by status, for the few that are not completed",
        ),
        index(
            "ix_images_project_id_invalid",
            "project_id",
            "id",
            postgresql_where=text("NOT is_valid"),
            serves="list_images?valid=false",
        ),
        index(
            "ix_images_project_id_duplicate",
            "project_id",
            "id",
            postgresql_where=text("is_duplicate"),
            serves="list_images?duplicate=true",
        ),
        index(
            "ix_images_duplicate_of",
            "duplicate_of",
            postgresql_where=text("duplicate_of IS NOT NULL"),
            serves="duplicates of an image; SET NULL",
        ),
        index(
            "ix_images_project_id_rejected",
            "project_id",
            "id",
            postgresql_where=text("rejected"),
            serves="list_images?rejected=true; what later crawls leave out",
        ),
        index(
            "ix_images_rejected_with",
            "rejected_with",
            postgresql_where=text("rejected_with IS NOT NULL"),
            serves="what was rejected with an image; SET NULL",
        ),
        index(
            "ix_images_unfinished",
            "status",
            "created_at",
            postgresql_where=text("status <> 'completed'"),
            serves="expiry of uploads that never came and of failures: status = :status AND "
            "created_at < :limit",
        ),
        {"comment": "Images of projects, crawled or uploaded"},
    )
