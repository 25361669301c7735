"""Messages that leave, messages that came, and requests that were repeated."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Created, Identified, at_least, counter, index, one_of


class OutboxMessage(Identified, Created, Base):
    """A message that leaves once the transaction that wrote it has committed."""

    __tablename__ = "outbox"

    topic: Mapped[str] = mapped_column(comment="Topic it is published to")
    message: Mapped[dict[str, Any]] = mapped_column(comment="Body")
    attributes: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Pub/Sub attributes"
    )
    sent_at: Mapped[datetime | None] = mapped_column(comment="NULL until published")
    attempts: Mapped[int] = counter("Publishes tried")
    last_error: Mapped[str | None] = mapped_column(comment="Why the last publish failed")

    __table_args__ = (
        *at_least(0, "attempts"),
        index(
            "ix_outbox_unsent",
            "created_at",
            postgresql_where=text("sent_at IS NULL"),
            serves="the relay: sent_at IS NULL ORDER BY created_at FOR UPDATE SKIP LOCKED",
        ),
        index(
            "ix_outbox_sent_at",
            "sent_at",
            postgresql_where=text("sent_at IS NOT NULL"),
            serves="retention: sent_at < :limit",
        ),
        {"comment": "Messages to publish; its id is the message's identity for consumers"},
    )


class QueuedMessage(Identified, Created, Base):
    """A message that waits for its account's turn, or is being handled."""

    __tablename__ = "queued_messages"

    topic: Mapped[str] = mapped_column(comment="Topic it is published to: the kind of work")
    user_id: Mapped[UUID] = mapped_column(comment="Account whose work it is; no reference")
    key: Mapped[str] = mapped_column(comment="What it is about; waits once in a topic")
    message: Mapped[dict[str, Any]] = mapped_column(comment="Body")
    attributes: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Pub/Sub attributes"
    )
    sent_at: Mapped[datetime | None] = mapped_column(
        comment="When its turn came; since then it takes a slot. NULL while it waits"
    )

    __table_args__ = (
        index(
            "ix_queued_messages_waiting",
            "topic",
            "user_id",
            "id",
            postgresql_where=text("sent_at IS NULL"),
            serves="the fair choice: each account's oldest, one step of the index for each",
        ),
        index(
            "ix_queued_messages_oldest",
            "topic",
            "id",
            postgresql_where=text("sent_at IS NULL"),
            serves="health: the oldest that waits of a topic",
        ),
        index(
            "ix_queued_messages_sent_at",
            "topic",
            "sent_at",
            postgresql_where=text("sent_at IS NOT NULL"),
            serves="the fair choice: what is at work of a topic",
        ),
        index(
            "uq_queued_messages_topic_key",
            "topic",
            "key",
            unique=True,
            postgresql_where=text("sent_at IS NULL"),
            serves="adding what waits already: ON CONFLICT (topic, key)",
        ),
        {"comment": "Work that is shared out by account: what waits for its turn or has a slot"},
    )


class Delivery(Created, Base):
    """A message that a function has dealt with; written with its effect."""

    __tablename__ = "deliveries"

    function: Mapped[str] = mapped_column(primary_key=True, comment="Function that handled it")
    message_id: Mapped[str] = mapped_column(primary_key=True, comment="Outbox id or event id")

    __table_args__ = (
        index("ix_deliveries_created_at", "created_at", serves="retention: created_at < :limit"),
        {"comment": "Messages already handled, so that a repeat does nothing"},
    )


class IdempotencyKey(Created, Base):
    """The first answer to a request that may be repeated."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"), primary_key=True, comment="Caller"
    )
    key: Mapped[str] = mapped_column(primary_key=True, comment="Idempotency-Key header")
    function: Mapped[str] = mapped_column(comment="Function that was called")
    request_hash: Mapped[str] = mapped_column(comment="SHA-256 hex of what was asked")
    status: Mapped[str] = mapped_column(
        default="running", server_default="running", comment="running or done"
    )
    response_status: Mapped[int | None] = mapped_column(comment="HTTP status answered")
    response_body: Mapped[Any | None] = mapped_column(
        JSONB(none_as_null=True), comment="Body answered"
    )
    response_headers: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="Headers answered"
    )
    expires_at: Mapped[datetime] = mapped_column(
        server_default=text("now() + interval '24 hours'"), comment="When the answer is forgotten"
    )

    __table_args__ = (
        one_of("status", "running", "done"),
        CheckConstraint("status <> 'done' OR response_status IS NOT NULL", name="response"),
        index("ix_idempotency_keys_expires_at", "expires_at", serves="expiry: expires_at < now()"),
        {"comment": "Answers to repeatable requests, one per caller and key"},
    )


class DeadLetter(Identified, Created, Base):
    """A message that no attempt could handle."""

    __tablename__ = "dead_letters"

    topic: Mapped[str | None] = mapped_column(comment="Topic it was published to")
    subscription: Mapped[str | None] = mapped_column(comment="Subscription that gave up")
    function: Mapped[str | None] = mapped_column(comment="Function that could not handle it")
    message: Mapped[Any] = mapped_column(JSONB, comment="Body")
    attributes: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'"), comment="Pub/Sub attributes"
    )
    reason: Mapped[str | None] = mapped_column(comment="Last error, for a person")
    delivery_attempts: Mapped[int | None] = mapped_column(comment="Deliveries tried")
    redriven_at: Mapped[datetime | None] = mapped_column(comment="When it was sent again")

    __table_args__ = (
        *at_least(0, "delivery_attempts"),
        index(
            "ix_dead_letters_waiting",
            "id",
            postgresql_where=text("redriven_at IS NULL"),
            serves="letters to look at: redriven_at IS NULL ORDER BY id DESC",
        ),
        {"comment": "Messages given up, kept for a person to read and send again"},
    )
