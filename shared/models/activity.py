"""Activity: who did what, when and from where."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ForeignKey, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import Base, Identified, index

if TYPE_CHECKING:
    from shared.models.accounts import Profile


class ActivityLog(Identified, Base):
    """One thing that a person did."""

    __tablename__ = "activity_logs"

    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("profiles.id", ondelete="SET NULL"), comment="NULL once the person is gone"
    )
    action: Mapped[str] = mapped_column(comment="What was done, such as project.create")
    resource_type: Mapped[str | None] = mapped_column(comment="Kind of thing it was done to")
    resource_id: Mapped[str | None] = mapped_column(comment="Id of that thing")
    metadata_: Mapped[dict[str, Any]] = mapped_column(
        "metadata", default=dict, server_default=text("'{}'"), comment="Further facts"
    )
    ip_address: Mapped[str | None] = mapped_column(comment="Address of the caller")
    user_agent: Mapped[str | None] = mapped_column(comment="Program of the caller")
    timestamp: Mapped[datetime] = mapped_column(server_default=func.now(), comment="When")

    user: Mapped[Profile | None] = relationship(back_populates="activity_logs")

    __table_args__ = (
        index(
            "ix_activity_log_user_id",
            "user_id",
            "id",
            serves="list_activity: user_id = :user ORDER BY id DESC; SET NULL",
        ),
        index(
            "ix_activity_logs_user_id_timestamp",
            "user_id",
            "timestamp",
            serves="recent activity, since and until: user_id = :user ORDER BY timestamp DESC",
        ),
        index(
            "ix_activity_logs_user_id_action_id",
            "user_id",
            "action",
            "id",
            serves="list_activity by action",
        ),
        index(
            "ix_activity_logs_user_id_resource_type_id",
            "user_id",
            "resource_type",
            "id",
            serves="list_activity by resource type",
        ),
        index("ix_activity_log_timestamp", "timestamp", serves="retention: timestamp < :limit"),
        {"comment": "Who did what; kept without its person when the person goes"},
    )
