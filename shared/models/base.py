"""The base of every table: naming, identifiers, timestamps and column types."""

from datetime import datetime
from typing import Any
from uuid import UUID

import uuid6
from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Double,
    FetchedValue,
    Index,
    MetaData,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.statuses import JOB_STATES as JOB_STATES  # noqa: PLC0414 (for all tables)


def new_id() -> UUID:
    """Make a UUID version 7 (RFC 9562): ids sort by the millisecond they were made in."""
    return UUID(int=uuid6.uuid7().int)


class Base(DeclarativeBase):
    """Base of all tables; fixes the names of constraints and the types of annotations."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (read by SQLAlchemy as is)
        str: Text,
        float: Double,
        UUID: Uuid,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }
    # What the database computes (updated_at, generated columns) comes back with the statement.
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 (read by SQLAlchemy as is)


class Identified:
    """A UUIDv7 primary key, made by the client, or by the database for rows written in SQL."""

    id: Mapped[UUID] = mapped_column(
        primary_key=True,
        default=new_id,
        server_default=text("new_id()"),
        sort_order=-1,
        comment="UUID version 7, so ids order rows by creation",
    )


class Created:
    """The time a row was written."""

    created_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), sort_order=100, comment="When the row was written"
    )


class Timestamped(Created):
    """The times a row was written and last changed; a trigger keeps the second one."""

    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(),
        server_onupdate=FetchedValue(),
        sort_order=101,
        comment="When the row last changed; kept by a trigger",
    )


class Job(Identified, Timestamped):
    """Work that somebody asked for and can watch."""

    status: Mapped[str] = mapped_column(
        default="pending",
        server_default="pending",
        sort_order=50,
        comment="pending, running, completed, failed or cancelled",
    )
    progress: Mapped[int] = mapped_column(
        default=0, server_default=text("0"), sort_order=51, comment="0 to 100"
    )
    error: Mapped[str | None] = mapped_column(
        sort_order=52, comment="Why the job failed, for a person"
    )
    completed_at: Mapped[datetime | None] = mapped_column(
        sort_order=53, comment="Final state reached"
    )


def counter(comment: str) -> Mapped[int]:
    """Declare a number that starts at zero."""
    return mapped_column(default=0, server_default=text("0"), comment=comment)


def one_of(column: str, *values: str) -> CheckConstraint:
    """Constrain a text column to a closed list of values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def at_least(minimum: int, *columns: str) -> list[CheckConstraint]:
    """Constrain each numeric column to `minimum` or more (NULL passes)."""
    return [CheckConstraint(f"{column} >= {minimum}", name=column) for column in columns]


def percentage(column: str) -> CheckConstraint:
    """Constrain a numeric column to 0 to 100."""
    return CheckConstraint(f"{column} BETWEEN 0 AND 100", name=column)


def index(name: str, *columns: Any, serves: str, **options: Any) -> Index:
    """Declare an index together with the query that it is there for (shown in SCHEMA.md)."""
    return Index(name, *columns, info={"serves": serves}, **options)
