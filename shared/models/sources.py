"""The memory of a project: what addresses brought, and what its owner has deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Integer,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Created, Identified, at_least, index


class AddressRecord(Base):
    """An address that brought a picture into a project, or would have; no image is named.

    Images come and go; as long as one has the content, the address need not be asked for it.
    """

    __tablename__ = "image_sources"

    project_id: Mapped[UUID] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"),
        primary_key=True,
        comment="Dataset that asked for it",
    )
    address: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="SHA-256 of the normalised URL, 32 bytes"
    )
    sha256: Mapped[str] = mapped_column(comment="SHA-256 hex of the content that it brought last")
    phash: Mapped[int] = mapped_column(
        BigInteger, comment="Perceptual hash of that content, as a signed integer"
    )
    width: Mapped[int] = mapped_column(comment="Pixels")
    height: Mapped[int] = mapped_column(comment="Pixels")
    response_address: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="SHA-256 of the URL that answered, after redirects"
    )
    response_headers: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="Validators and wishes of that answer, to ask it again"
    )
    rights: Mapped[str] = mapped_column(
        default="respect",
        server_default="respect",
        comment="How wishes about its use were heeded: ignore, respect or opt_in_only",
    )
    respect_robots: Mapped[bool] = mapped_column(
        default=True, server_default=text("true"), comment="Whether robots.txt was heeded"
    )
    checked_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When it answered last"
    )

    __table_args__ = (
        CheckConstraint("octet_length(address) = 32", name="address"),
        CheckConstraint("rights IN ('ignore', 'respect', 'opt_in_only')", name="rights"),
        *at_least(1, "width", "height"),
        {"comment": "What addresses brought into projects when they were asked last"},
    )


class SourceListing(Base):
    """A project with images from before there were image sources; gone once all are listed."""

    __tablename__ = "source_listings"

    project_id: Mapped[UUID] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"),
        primary_key=True,
        comment="Dataset whose images are being listed",
    )
    position: Mapped[UUID] = mapped_column(comment="Last image whose address is listed")

    __table_args__ = ({"comment": "Projects whose older images are yet to become image_sources"},)


class DeletedImage(Identified, Created, Base):
    """A content that somebody deleted from a project, which keeps it and its likes away."""

    __tablename__ = "deleted_images"

    project_id: Mapped[UUID] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), comment="Dataset that it stays away from"
    )
    sha256: Mapped[str] = mapped_column(comment="SHA-256 hex of the content")
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

    __table_args__ = (
        UniqueConstraint(
            "project_id",
            "sha256",
            info={"serves": "whether a content was deleted: project_id = :project AND sha256 = …"},
        ),
        *(
            index(
                f"ix_deleted_images_project_id_{band}",
                "project_id",
                band,
                postgresql_where=text(f"{band} IS NOT NULL"),
                serves=f"what looks like it: project_id = :project AND {band} = "
                "ANY (phash_probes(:band, :bits))",
            )
            for band in ("phash_high", "phash_middle", "phash_low")
        ),
        {"comment": "Contents that were deleted and stay away; hashes only"},
    )
