"""Paging walks a real table: every row once, whatever is added meanwhile."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import DateTime, Engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from shared.errors import BadRequest
from shared.models.base import new_id
from shared.paging import Page, decode_cursor, encode_cursor, paginate


class ListedTables(DeclarativeBase):
    """Tables of this test."""


class Note(ListedTables):
    """A row to list."""

    __tablename__ = "notes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    topic: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Other(ListedTables):
    """A row of another list."""

    __tablename__ = "others"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


@pytest.fixture
def session(scratch: Engine) -> Iterator[Session]:
    ListedTables.metadata.create_all(scratch)
    with Session(scratch) as session:
        yield session
    ListedTables.metadata.drop_all(scratch)


def add(session: Session, count: int, topic: str = "a", day: int = 1) -> list[UUID]:
    notes = [
        Note(id=new_id(), topic=topic, at=datetime(2026, 1, day, tzinfo=UTC)) for _ in range(count)
    ]
    session.add_all(notes)
    session.flush()
    return [note.id for note in notes]


def walk(session: Session, limit: int) -> list[list[UUID]]:
    pages, cursor = [], None
    while True:
        notes, cursor = paginate(session, select(Note), [Note.id], limit, cursor)
        pages.append([note.id for note in notes])
        if cursor is None:
            return pages


def test_pages_hold_every_row_once_newest_first(session: Session) -> None:
    ids = add(session, 7)
    newest_first = sorted(ids, reverse=True)
    assert walk(session, 3) == [newest_first[:3], newest_first[3:6], newest_first[6:]]
    assert walk(session, 7) == [newest_first], "a full last page must not promise another"
    assert walk(session, 200) == [newest_first]


def test_an_empty_list_has_one_empty_page(session: Session) -> None:
    assert walk(session, 10) == [[]]


def test_rows_added_meanwhile_move_nothing(session: Session) -> None:
    ids = add(session, 4)
    first, cursor = paginate(session, select(Note), [Note.id], 2, None)
    add(session, 3)
    second, end = paginate(session, select(Note), [Note.id], 2, cursor)
    assert [note.id for note in [*first, *second]] == sorted(ids, reverse=True)
    assert end is None


def test_filters_stay(session: Session) -> None:
    wanted = add(session, 3, "a")
    add(session, 3, "b")
    of_topic = select(Note).where(Note.topic == "a")
    first, cursor = paginate(session, of_topic, [Note.id], 2, None)
    second, end = paginate(session, of_topic, [Note.id], 2, cursor)
    assert {note.id for note in [*first, *second]} == set(wanted)
    assert end is None


def test_ties_of_the_first_key_are_broken_by_the_second(session: Session) -> None:
    early = add(session, 3, day=1)
    late = add(session, 3, day=2)
    early += add(session, 2, day=1)
    found: list[UUID] = []
    cursor = None
    while True:
        notes, cursor = paginate(session, select(Note), [Note.at, Note.id], 2, cursor)
        found += [note.id for note in notes]
        if cursor is None:
            break
    assert found == sorted(late, reverse=True) + sorted(early, reverse=True)


def test_several_columns_give_rows_without_the_key(session: Session) -> None:
    add(session, 2, "a")
    statement = select(Note, func.upper(Note.topic))
    rows, cursor = paginate(session, statement, [Note.id], 1, None)
    assert [(type(note), topic) for note, topic in rows] == [(Note, "A")]
    assert cursor is not None


def test_a_cursor_fits_its_own_list_only(session: Session) -> None:
    add(session, 2)
    _, cursor = paginate(session, select(Note), [Note.id], 1, None)
    with pytest.raises(BadRequest):
        paginate(session, select(Other), [Other.id], 1, cursor)
    with pytest.raises(BadRequest):
        paginate(session, select(Note), [Note.at, Note.id], 1, cursor)


def forge_cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "å",
        "????",
        "AAAA",
        "W" * 1000,
        base64.urlsafe_b64encode(b"[" * 700).decode(),
        forge_cursor(),
        forge_cursor("notes.id"),
        forge_cursor("notes.id", "not a uuid"),
        forge_cursor("notes.id", 5),
        forge_cursor("notes.id", None),
        forge_cursor("notes.id", ["x"]),
        forge_cursor("notes.id", str(UUID(int=1)), "more"),
        base64.urlsafe_b64encode(b'{"notes.id": 1}').decode(),
    ],
)
def test_an_unreadable_cursor_is_the_callers_mistake(cursor: str) -> None:
    with pytest.raises(BadRequest) as caught:
        decode_cursor("notes.id", cursor, [UUID])
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (int, str(2**63)),
        (int, "1.5"),
        (float, "nan"),
        (float, "inf"),
        (datetime, "2026-01-01T00:00:00"),
        (datetime, "yesterday"),
        (str, "a\0b"),
        (str, "\ud800"),
    ],
)
def test_a_value_that_the_database_would_refuse_is_refused_here(kind: type, text: str) -> None:
    with pytest.raises(BadRequest):
        decode_cursor("k", forge_cursor("k", text), [kind])


@pytest.mark.parametrize(
    "value", [new_id(), datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), 2**63 - 1, 0.1, "é/~"]
)
def test_values_survive(value: Any) -> None:
    assert decode_cursor("k", encode_cursor("k", [value]), [type(value)]) == [value]


def test_a_cursor_is_safe_in_a_query_string() -> None:
    cursor = encode_cursor("k", ["\xff\xfe?>~ü" * 9])
    assert cursor.isascii()
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_a_page_always_says_whether_more_follows() -> None:
    assert Page[int](items=[1], next_cursor=None).model_dump_json() == (
        '{"items":[1],"next_cursor":null}'
    )
