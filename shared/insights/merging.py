"""Merges rows of the tables of sums, so that there are few to read."""

from datetime import date
from typing import Any

from sqlalchemy import CursorResult, Table, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.models import InputCount, PredictionCount, StorageCount

Counts = type[PredictionCount] | type[InputCount] | type[StorageCount]

TABLES: tuple[Counts, ...] = (PredictionCount, InputCount, StorageCount)
_SUMS = {"count", "sum_ms", "images", "bytes"}


def merge_counts(session: Session, counts: Counts, limit: int) -> int:
    """Add up to `limit` new rows to the row of their key; return how many there were.

    One statement takes the new rows away and writes their sums, so whoever reads meanwhile sees
    either. Rows that another call is adding up are passed over.
    """
    table: Table = counts.__table__  # type: ignore[assignment]
    sums = [column for column in table.columns if column.name in _SUMS]
    key = [column for column in table.columns if column.name not in _SUMS | {"id", "is_merged"}]
    new = (
        select(*table.primary_key)
        .where(~table.c.is_merged)
        .order_by(table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("new")
    )
    taken = (
        delete(table)
        .where(tuple_(*table.primary_key).in_(select(new)))
        .returning(*table.columns)
        .cte("taken")
    )
    merged = (
        select(
            *(taken.c[column.name] for column in key),
            text("true"),
            *(func.sum(taken.c[column.name]) for column in sums),
        )
        .group_by(*(taken.c[column.name] for column in key))
        .order_by(*(taken.c[column.name] for column in key))
    )
    written = insert(table).from_select(
        [*(column.name for column in key), "is_merged", *(column.name for column in sums)],
        merged,
        include_defaults=False,
    )
    kept = (
        written.on_conflict_do_update(
            index_elements=key,
            index_where=table.c.is_merged,
            set_={c.name: table.c[c.name] + written.excluded[c.name] for c in sums},
        )
        .returning(table.c.id)
        .cte("kept")
    )
    number = session.scalar(
        select(select(func.count()).select_from(taken).scalar_subquery()).add_cte(kept)
    )
    return number or 0


def fold_into_months(session: Session, counts: Counts, before: date) -> int:
    """Move days before a date to the first of their month; return how many rows were moved.

    They are to be merged again.
    """
    month = func.date_trunc("month", counts.day)
    done: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(counts)
        .where(counts.is_merged, counts.day < before, counts.day != month)
        .values(day=month, is_merged=False)
        .execution_options(synchronize_session=False)
    )
    return done.rowcount
