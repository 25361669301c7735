"""Statements of sites about the use of their content, at the time when it was taken."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Created, index, new_id, one_of


class RightsRecord(Created, Base):
    """A signal that was met, and what was decided by it; such rows are never changed."""

    __tablename__ = "rights_signals"

    id: Mapped[UUID] = mapped_column(
        primary_key=True,
        default=new_id,
        server_default=text("new_id()"),
        sort_order=-1,
        comment="Follows from the job and the content",
    )
    crawl_job_id: Mapped[UUID] = mapped_column(
        ForeignKey("crawl_jobs.id", ondelete="CASCADE"),
        comment="The crawl that met it, or that brought the images which are verified",
    )
    verification_job_id: Mapped[UUID | None] = mapped_column(
        comment="Verification that met it later, NULL for what the crawl met; no reference"
    )
    address: Mapped[str] = mapped_column(comment="Where it stands")
    host: Mapped[str] = mapped_column(comment="Host of that address")
    source: Mapped[str] = mapped_column(comment="Kind of signal, from a closed list in code")
    value: Mapped[str] = mapped_column(comment="Its words")
    allows: Mapped[bool | None] = mapped_column(
        comment="Whether it allows training; NULL when it is about other things"
    )
    evidence_hash: Mapped[str | None] = mapped_column(
        comment="SHA-256 hex of the site's file that said so; no reference"
    )
    decision: Mapped[str] = mapped_column(comment="allowed or refused")

    __table_args__ = (
        one_of("decision", "allowed", "refused"),
        index(
            "ix_rights_signals_crawl_job_id_host",
            "crawl_job_id",
            "host",
            serves="what a host said: crawl_job_id = :job AND host = :host; cascade",
        ),
        {"comment": "Signals about the use of content, as crawls met them; append only"},
    )


class SiteFile(Created, Base):
    """A robots.txt, tdmrep.json or RSL document as it was read, once for each content."""

    __tablename__ = "site_files"

    sha256: Mapped[str] = mapped_column(primary_key=True, comment="SHA-256 hex of the content")
    content: Mapped[bytes] = mapped_column(LargeBinary, comment="The bytes")

    __table_args__ = (
        {"comment": "Files of sites that rights_signals name as evidence, each content once"},
    )
