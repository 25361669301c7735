"""Keyset paging: newest first, stable while rows are added."""

import base64
import json
import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar, TypeVarTuple, overload
from uuid import UUID

from sqlalchemy import Row, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.errors import BadRequest
from shared.schemas.kinds import Read

Item = TypeVar("Item")
Second = TypeVar("Second")
More = TypeVarTuple("More")
Keys = Sequence[InstrumentedAttribute[Any]]


class Page(Read, Generic[Item]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[Item]
    """Results, newest first where nothing else is said."""
    next_cursor: str | None


@overload
def paginate(
    session: Session, statement: Select[Item], key_columns: Keys, limit: int, cursor: str | None
) -> tuple[list[Item], str | None]: ...
@overload
def paginate(
    session: Session,
    statement: Select[Item, Second, *More],
    key_columns: Keys,
    limit: int,
    cursor: str | None,
) -> tuple[list[Row[Item, Second, *More]], str | None]: ...
def paginate(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    key_columns: Keys,
    limit: int,
    cursor: str | None,
) -> tuple[list[Any], str | None]:
    """Return up to `limit` results, greatest key first, and the cursor of the next page.

    `key_columns` are columns that are never NULL and together unique, as a rule the id alone
    (UUIDv7: newest first); `statement` brings filters but no order. A statement that selects one
    thing gives those things, any other gives rows. Raises `BadRequest` for an unreadable cursor.
    """
    kind = _name_kind(key_columns)
    if cursor is not None:
        values = decode_cursor(kind, cursor, [key.type.python_type for key in key_columns])
        typed = [literal(value, key.type) for key, value in zip(key_columns, values, strict=True)]
        statement = statement.where(tuple_(*key_columns) < tuple_(*typed))
    wanted = len(statement.column_descriptions)
    statement = statement.add_columns(*key_columns).order_by(*(key.desc() for key in key_columns))
    rows = session.execute(statement.limit(limit + 1)).all()
    page = rows[:limit]
    next_cursor = encode_cursor(kind, page[-1][wanted:]) if len(rows) > limit else None
    return [row[0] if wanted == 1 else row[:wanted] for row in page], next_cursor


def make_cursor(key_columns: Keys, values: Sequence[Any]) -> str:
    """Return the cursor by which `paginate` goes on behind the row with these keys."""
    return encode_cursor(_name_kind(key_columns), values)


def _name_kind(key_columns: Keys) -> str:
    return ".".join([key_columns[0].class_.__tablename__, *(key.key for key in key_columns)])


def encode_cursor(kind: str, values: Sequence[Any]) -> str:
    """Return an opaque cursor after the row with these keys, good for lists of `kind` only."""
    texts = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    data = json.dumps([kind, *texts], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_cursor(kind: str, cursor: str, types: Sequence[type]) -> list[Any]:
    """Return the key values in a cursor, as `types`.

    Raises `BadRequest` for what `encode_cursor` did not make for this kind of list.
    """
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found, *texts = json.loads(data)
        if found != kind:
            raise ValueError
        return [_PARSE[kind_of](text) for kind_of, text in zip(types, texts, strict=True)]
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise BadRequest("The cursor cannot be read; start again without one.") from None


def _parse_time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError
    return time


def _parse_integer(text: str) -> int:
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError
    return number


def _parse_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _parse_text(text: str) -> str:
    if "\0" in text:
        raise ValueError
    return text.encode().decode()  # refuses lone surrogates


_PARSE: dict[type, Callable[[str], Any]] = {
    UUID: UUID,
    datetime: _parse_time,
    int: _parse_integer,
    float: _parse_number,
    str: _parse_text,
}
