"""Guesses of passwords, and the places from which accounts have been signed in to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, index


class GuessCount(Base):
    """The tries of late at an account's secret, or at any from a network address."""

    __tablename__ = "guess_counts"

    key: Mapped[str] = mapped_column(
        primary_key=True, comment="SHA-256 hex of what is counted; no account need stand behind it"
    )
    level: Mapped[float] = mapped_column(
        server_default=text("0"), comment="Tries, less those that time has forgiven"
    )
    open_at: Mapped[datetime] = mapped_column(
        server_default=text("'-infinity'"), comment="When the next try is judged"
    )
    counted_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When it was last tried"
    )

    __table_args__ = (
        index("ix_guess_counts_counted_at", "counted_at", serves="expiry: counted_at < :limit"),
        {"comment": "Tries to guess a secret; only count_guess and forgive_guess write it"},
    )


class KnownPlace(Base):
    """A browser or a network address from which an account was signed in to."""

    __tablename__ = "known_places"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("profiles.id", ondelete="CASCADE"), primary_key=True, comment="Whose account"
    )
    mark: Mapped[str] = mapped_column(
        primary_key=True, comment="SHA-256 hex of the account and the address, or a device's token"
    )
    seen_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When it last signed in, give or take a day"
    )

    __table_args__ = (
        index("ix_known_places_seen_at", "seen_at", serves="expiry: seen_at < :limit"),
        {"comment": "Places that an account is signed in from; only hashes are stored"},
    )
