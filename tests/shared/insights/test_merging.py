"""Adding rows up: the sums stay what they are, whoever adds and reads at the same time."""

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from shared.insights.merging import fold_into_months, merge_counts
from shared.models import InputCount, PredictionCount, StorageCount
from shared.models.base import new_id
from tests.harness import Person, in_parallel

TODAY = dt.date(2026, 3, 15)


@pytest.fixture
def counted(session: Session, person: Person) -> list[PredictionCount]:
    """Forty new rows of four keys, two of them without an API key or a time."""
    model_id, key_id = new_id(), new_id()
    rows = [
        PredictionCount(
            user_id=person.id,
            day=TODAY - dt.timedelta(days=n % 2),
            model_id=model_id,
            api_key_id=key_id if n % 4 < 2 else None,
            status="success" if n % 4 < 2 else "failed",
            error_code=None if n % 4 < 2 else "timeout",
            bucket=60 if n % 4 < 2 else None,
            count=1,
            sum_ms=n,
        )
        for n in range(40)
    ]
    session.add_all(rows)
    session.commit()
    return rows


def totals(session: Session) -> list[tuple[object, ...]]:
    table = PredictionCount
    statement = select(
        table.day, table.status, table.error_code, func.sum(table.count), func.sum(table.sum_ms)
    )
    grouped = statement.group_by(table.day, table.status, table.error_code)
    return sorted(tuple(row) for row in session.execute(grouped))


def rows(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(PredictionCount)) or 0


def test_rows_of_a_key_become_one(session: Session, counted: list[PredictionCount]) -> None:
    before = totals(session)
    assert merge_counts(session, PredictionCount, 25) == 25
    assert merge_counts(session, PredictionCount, 25) == 15
    assert merge_counts(session, PredictionCount, 25) == 0
    session.commit()
    assert rows(session) == 4
    assert totals(session) == before


def test_later_rows_are_added_to_the_same_one(
    session: Session, counted: list[PredictionCount]
) -> None:
    template = counted[0]
    session.refresh(template)
    session.expunge(template)
    merge_counts(session, PredictionCount, 1000)
    session.add(
        PredictionCount(
            user_id=template.user_id,
            day=TODAY,
            model_id=template.model_id,
            api_key_id=template.api_key_id,
            status="success",
            bucket=60,
            count=-2,
            sum_ms=-5.0,
        )
    )
    session.flush()
    before = totals(session)
    assert merge_counts(session, PredictionCount, 1000) == 1
    assert rows(session) == 4
    assert totals(session) == before


def test_many_merge_write_and_read_at_once(
    engine: Engine, session: Session, counted: list[PredictionCount]
) -> None:
    before = totals(session)
    session.commit()

    def add_up() -> None:
        for _ in range(10):
            with Session(engine) as mine, mine.begin():
                merge_counts(mine, PredictionCount, 3)

    def read() -> list[list[tuple[object, ...]]]:
        seen = []
        for _ in range(20):
            with Session(engine) as mine:
                seen.append(totals(mine))
        return seen

    results = in_parallel([add_up, add_up, add_up, read])
    assert all(seen == before for seen in next(one for one in results if one))
    while merge_counts(session, PredictionCount, 100):
        pass
    assert rows(session) == 4
    assert totals(session) == before


@pytest.mark.parametrize("folded", [0, 1])
def test_old_days_become_months(
    session: Session, counted: list[PredictionCount], folded: int
) -> None:
    merge_counts(session, PredictionCount, 1000)
    before = totals(session)
    limit = TODAY if folded else TODAY - dt.timedelta(days=1)
    assert fold_into_months(session, PredictionCount, limit) == 2 * folded
    assert fold_into_months(session, PredictionCount, limit) == 0
    merge_counts(session, PredictionCount, 1000)
    days = set(session.scalars(select(PredictionCount.day)))
    assert days == {TODAY, dt.date(2026, 3, 1) if folded else TODAY - dt.timedelta(days=1)}
    assert sum(row[3] for row in totals(session)) == sum(row[3] for row in before)  # type: ignore[misc]


def test_the_other_tables_too(session: Session, person: Person) -> None:
    model_id = new_id()
    for n in range(3):
        session.add(StorageCount(user_id=person.id, day=TODAY, images=n, bytes=10 * n))
        session.add(
            InputCount(
                user_id=person.id, day=TODAY, model_id=model_id, input="x", bucket=1, count=n
            )
        )
    session.flush()
    assert merge_counts(session, StorageCount, 10) == merge_counts(session, InputCount, 10) == 3
    session.expire_all()
    stored = session.scalars(select(StorageCount)).one()
    assert (stored.images, stored.bytes) == (3, 30)
    assert session.scalars(select(InputCount)).one().count == 3


@pytest.fixture(autouse=True)
def closed(session: Session) -> Iterator[None]:
    yield
    session.rollback()
