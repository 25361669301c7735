"""Versions of datasets: what a filter selected, under a hash of its content."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import (
    JOB_STATES,
    Base,
    Job,
    at_least,
    counter,
    index,
    one_of,
    percentage,
)


class DatasetVersion(Job, Base):
    """Images of a project as they were, with their labels, captions, splits and rights."""

    __tablename__ = "versions"

    project_id: Mapped[UUID] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), comment="Whose images"
    )
    name: Mapped[str] = mapped_column(comment="What the owner calls it")
    filter: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="What selected its images"
    )
    split_options: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Shares of its splits, and its groups"
    )
    hash: Mapped[str | None] = mapped_column(
        comment="SHA-256 hex: the root of a Merkle tree of its images; NULL until it is complete"
    )
    image_count: Mapped[int] = counter("Images that it holds")
    splits: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Images by split"
    )
    warnings: Mapped[list[str]] = mapped_column(
        JSONB,
        default=list,
        server_default=text("'[]'"),
        comment="What the dataset lacks, for a person",
    )
    card: Mapped[dict[str, Any]] = mapped_column(
        default=dict,
        server_default=text("'{}'"),
        comment="What exports say of the whole: name, sources, rules, proof of splits",
    )
    state: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="Where a continued build stands; NULL when not begun"
    )
    started_at: Mapped[datetime | None] = mapped_column(comment="Building began")

    __table_args__ = (
        one_of("status", *JOB_STATES),
        percentage("progress"),
        *at_least(0, "image_count"),
        index(
            "ix_versions_project_id_id",
            "project_id",
            "id",
            serves="list_versions: project_id = :project ORDER BY id DESC; cascade",
        ),
        index(
            "ix_versions_unfinished",
            "updated_at",
            postgresql_where=text("status IN ('pending', 'running')"),
            serves="the sweep for stuck jobs: updated_at < :limit",
        ),
        {"comment": "Versions of datasets, frozen"},
    )


class VersionImage(Base):
    """An image as a version holds it, whatever becomes of the image."""

    __tablename__ = "version_images"

    version_id: Mapped[UUID] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True, comment="Its version"
    )
    sha256: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="SHA-256 of the content"
    )
    image_id: Mapped[UUID] = mapped_column(
        primary_key=True, comment="The image; no reference, as it may be deleted"
    )
    label: Mapped[str | None] = mapped_column(comment="Class")
    caption: Mapped[str | None] = mapped_column(comment="Description")
    split: Mapped[str | None] = mapped_column(comment="Name of its split")
    license: Mapped[str | None] = mapped_column(comment="Licence it is offered under")
    attribution: Mapped[str | None] = mapped_column(comment="Whom to credit")
    rights: Mapped[bytes | None] = mapped_column(
        LargeBinary,
        comment="SHA-256 of the signals about its use that its crawl met; NULL without",
    )
    leaf: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="Leaf of the version's Merkle tree: SHA-256 of all but record"
    )
    record: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="What exports say of it beside: its file, its origin, signals about its use",
    )

    __table_args__ = (
        index(
            "ix_version_images_version_id_sha256_leaf",
            "version_id",
            "sha256",
            "leaf",
            serves="diff_versions: both sides in the order of their leaves",
        ),
        index(
            "ix_version_images_version_id_image_id",
            "version_id",
            "image_id",
            serves="exports: version_id = :version AND image_id > :last ORDER BY image_id",
        ),
        {"comment": "Images of versions, as they were"},
    )


class VersionRange(Base):
    """Digests of what a version holds of 256 ranges of contents, to be compared with another's."""

    __tablename__ = "version_ranges"

    version_id: Mapped[UUID] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True, comment="Its version"
    )
    first: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, comment="First byte of the contents' SHA-256"
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary, comment="SHA-256 of the digests")
    digests: Mapped[bytes] = mapped_column(
        LargeBinary,
        comment="By second byte, 32 bytes each: SHA-256 of contents and leaves; zeros for none",
    )

    __table_args__ = (
        CheckConstraint("first BETWEEN 0 AND 255", name="first"),
        CheckConstraint("octet_length(digests) = 8192", name="digests"),
        {"comment": "Digests of versions, range by range"},
    )
