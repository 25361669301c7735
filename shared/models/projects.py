"""Projects: the datasets that people build."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import Base, Identified, Timestamped, index, one_of

if TYPE_CHECKING:
    from shared.models.accounts import Profile
    from shared.models.crawls import CrawlJob
    from shared.models.exports import ExportJob
    from shared.models.images import Image


class Project(Identified, Timestamped, Base):
    """A dataset: its crawl jobs, images and exports."""

    __tablename__ = "projects"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"), comment="Owner"
    )
    name: Mapped[str] = mapped_column(comment="What the owner calls it")
    description: Mapped[str | None] = mapped_column(comment="Free text")
    status: Mapped[str] = mapped_column(
        default="active", server_default="active", comment="active or archived"
    )
    deleted_at: Mapped[datetime | None] = mapped_column(
        comment="When its owner deleted it; its rows are being removed"
    )

    user: Mapped[Profile] = relationship(back_populates="projects")
    crawl_jobs: Mapped[list[CrawlJob]] = relationship(
        back_populates="project", cascade="all, delete-orphan", passive_deletes=True
    )
    images: Mapped[list[Image]] = relationship(
        back_populates="project", cascade="all, delete-orphan", passive_deletes=True
    )
    export_jobs: Mapped[list[ExportJob]] = relationship(
        back_populates="project", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        one_of("status", "active", "archived"),
        index(
            "ix_project_user_id",
            "user_id",
            "id",
            serves="list_projects: user_id = :user ORDER BY id DESC; row security",
        ),
        index(
            "ix_projects_deleted_at",
            "deleted_at",
            postgresql_where=text("deleted_at IS NOT NULL"),
            serves="removals that were given up: deleted_at < :limit",
        ),
        {"comment": "Datasets and who owns them"},
    )
