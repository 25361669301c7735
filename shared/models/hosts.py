"""Hosts that crawls ask for images: how often they may be asked, and when not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Created, counter, index


class WebHost(Base):
    """A host that was asked lately, with the leases of the workers that ask it."""

    __tablename__ = "hosts"

    host: Mapped[str] = mapped_column(
        primary_key=True,
        comment="Name that requests go to, with the port unless it is the scheme's own",
    )
    leases: Mapped[dict[str, Any]] = mapped_column(
        default=dict,
        server_default=text("'{}'"),
        comment="Requests at a time that each worker may make, and until when (Unix time)",
    )
    crawl_delay: Mapped[float] = mapped_column(
        default=0.0,
        server_default=text("0"),
        comment="Seconds between two requests that its robots.txt asks for",
    )
    next_turn_at: Mapped[datetime | None] = mapped_column(
        comment="When the next request may be made, where it has a rate or a delay"
    )
    open_at: Mapped[datetime | None] = mapped_column(
        comment="Nothing is asked before: it wants to be left alone, or it refused"
    )
    refusals: Mapped[int] = counter(
        "Refusals in a row (429, 503 or silence), each closing it for longer"
    )
    unanswered: Mapped[int] = counter("Requests in a row that it left without an answer")
    last_refusal: Mapped[str | None] = mapped_column(comment="The last refusal in words")
    used_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When it was last asked, give or take an hour"
    )

    __table_args__ = (
        index("ix_hosts_used_at", "used_at", serves="retention: used_at < :limit"),
        {
            "comment": "Hosts that were asked lately, and on what terms; shared by all crawls of "
            "all people",
            "postgresql_with": {"fillfactor": 50},
        },
    )


class CrawlHost(Created, Base):
    """A host that refuses a crawl."""

    __tablename__ = "crawl_hosts"

    crawl_job_id: Mapped[UUID] = mapped_column(
        ForeignKey("crawl_jobs.id", ondelete="CASCADE"),
        primary_key=True,
        comment="The crawl that was refused",
    )
    host: Mapped[str] = mapped_column(primary_key=True, comment="As in hosts")
    refusals: Mapped[int] = counter("Answers 401, 403 or 451 in a row")
    opt_outs: Mapped[int] = counter("Images in a row that it does not want to be used")
    open_at: Mapped[datetime | None] = mapped_column(comment="The crawl asks nothing of it before")

    __table_args__ = ({"comment": "Hosts that refuse a crawl, whose other chunks heed it too"},)
