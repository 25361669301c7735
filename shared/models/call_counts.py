"""Calls that keys and addresses have made in the last minutes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, counter, index


class CallCount(Base):
    """The number that one process has counted of one subject's calls in one minute."""

    __tablename__ = "call_counts"

    subject: Mapped[str] = mapped_column(
        primary_key=True, comment="A key by the beginning of its hash, or a network address"
    )
    minute: Mapped[datetime] = mapped_column(primary_key=True, comment="When the minute began")
    process: Mapped[UUID] = mapped_column(
        primary_key=True, comment="Who counted: each process writes rows of its own"
    )
    calls: Mapped[int] = counter("Calls that were let through")

    __table_args__ = (
        index("ix_call_counts_minute", "minute", serves="retention: minute < :limit"),
        {
            "comment": "Calls of keys and addresses, minute by minute; not logged, and lost in a "
            "crash",
            "prefixes": ["UNLOGGED"],
            "postgresql_with": {"fillfactor": 50},
        },
    )
