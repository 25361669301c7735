"""Webhooks and their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import Base, Identified, Timestamped, at_least, counter, index, one_of


class Webhook(Identified, Timestamped, Base):
    """An address that wants to hear of events."""

    __tablename__ = "webhooks"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"), comment="Owner"
    )
    url: Mapped[str] = mapped_column(comment="Where deliveries are posted")
    events: Mapped[list[str]] = mapped_column(
        ARRAY(Text), comment="Event types wanted, such as crawl_job.completed"
    )
    secret: Mapped[str] = mapped_column(comment="Signing key, as needed to sign; shown once")
    is_active: Mapped[bool] = mapped_column(
        default=True, server_default=text("true"), comment="False stops deliveries"
    )

    deliveries: Mapped[list[WebhookDelivery]] = relationship(
        back_populates="webhook", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        index(
            "ix_webhooks_user_id_id",
            "user_id",
            "id",
            serves="list_webhooks: user_id = :user ORDER BY id DESC; events of a user; cascade",
        ),
        {"comment": "Addresses that want to hear of events"},
    )


class WebhookDelivery(Identified, Timestamped, Base):
    """One event on its way to one webhook."""

    __tablename__ = "webhook_deliveries"

    webhook_id: Mapped[UUID] = mapped_column(
        ForeignKey("webhooks.id", ondelete="CASCADE"), comment="Where it goes"
    )
    event_id: Mapped[UUID] = mapped_column(
        comment="Id of the event, the webhook-id header; the same on every attempt"
    )
    event: Mapped[str] = mapped_column(comment="Event type, such as crawl_job.completed")
    payload: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Body that is posted"
    )
    status: Mapped[str] = mapped_column(
        default="pending", server_default="pending", comment="pending, completed or failed"
    )
    attempts: Mapped[int] = counter("Posts tried")
    response_status: Mapped[int | None] = mapped_column(comment="HTTP status of the last answer")
    error: Mapped[str | None] = mapped_column(comment="Why the last post failed, for a person")
    next_attempt_at: Mapped[datetime | None] = mapped_column(comment="When to try again")
    delivered_at: Mapped[datetime | None] = mapped_column(comment="When it was accepted")

    webhook: Mapped[Webhook] = relationship(back_populates="deliveries")

    __table_args__ = (
        one_of("status", "pending", "completed", "failed"),
        *at_least(0, "attempts"),
        UniqueConstraint(
            "webhook_id",
            "event_id",
            info={"serves": "an event told twice: ON CONFLICT (webhook_id, event_id); cascade"},
        ),
        index(
            "ix_webhook_deliveries_pending",
            "next_attempt_at",
            postgresql_where=text("status = 'pending'"),
            serves="retries that are due: status = 'pending' AND next_attempt_at < now()",
        ),
        {"comment": "Events on their way to webhooks"},
    )
