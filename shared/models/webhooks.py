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
    secret: Mapped[str] = mapped_column(
        deferred=True,  # for whom signs, and nobody else
        comment="Signing key, as needed to sign; shown once",
    )
    old_secret: Mapped[str | None] = mapped_column(
        deferred=True, comment="Signing key before the present one; signs too until it expires"
    )
    old_secret_expires_at: Mapped[datetime | None] = mapped_column(
        comment="Until when the old key signs"
    )
    is_active: Mapped[bool] = mapped_column(
        default=True,
        server_default=text("true"),
        comment="False while it is paused, by its owner or after failing for too long",
    )
    error: Mapped[str | None] = mapped_column(
        comment="Why the last post failed or why it is paused, for a person"
    )
    failures: Mapped[int] = counter("Posts that failed since the last one that was accepted")
    failing_since: Mapped[datetime | None] = mapped_column(comment="When the first of these failed")
    due_at: Mapped[datetime | None] = mapped_column(
        comment="When it is to be called next; NULL while nothing waits"
    )
    leases: Mapped[int] = counter("Leases given out; also the fencing token of every write")
    lease_expires_at: Mapped[datetime | None] = mapped_column(
        comment="Until when one worker alone calls it"
    )

    deliveries: Mapped[list[WebhookDelivery]] = relationship(
        back_populates="webhook", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        *at_least(0, "failures", "leases"),
        index(
            "ix_webhooks_due_at",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL"),
            serves="what is due: due_at <= now()",
        ),
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
    response_excerpt: Mapped[str | None] = mapped_column(comment="Beginning of the last answer")
    error: Mapped[str | None] = mapped_column(comment="Why the last post failed, for a person")
    next_attempt_at: Mapped[datetime | None] = mapped_column(
        comment="When to try again; NULL when it has ended or its webhook is paused"
    )
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
            "ix_webhook_deliveries_waiting",
            "webhook_id",
            "next_attempt_at",
            postgresql_where=text("status = 'pending'"),
            serves="what is due: webhook_id = :id AND status = 'pending', by next_attempt_at",
        ),
        index(
            "ix_webhook_deliveries_webhook_id_id",
            "webhook_id",
            "id",
            serves="list_deliveries: webhook_id = :id ORDER BY id DESC",
        ),
        index(
            "ix_webhook_deliveries_created_at",
            "created_at",
            serves="retention: created_at < :limit",
        ),
        {"comment": "Events on their way to webhooks"},
    )
