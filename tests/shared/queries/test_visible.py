"""Rows are visible to their owner alone."""

import ast
import inspect
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import NotFound
from shared.models.base import new_id
from shared.queries import visible
from tests.harness import System
from tests.migrations.tenants import Tenant, tenant

QUERIES: dict[str, Any] = {
    name: query
    for name, query in inspect.getmembers(visible, inspect.isfunction)
    if name.startswith("visible_") and list(inspect.signature(query).parameters) == ["caller"]
}
SINGLE: dict[str, Any] = {
    name: query
    for name, query in inspect.getmembers(visible, inspect.isfunction)
    if name.startswith("visible_")
    and list(inspect.signature(query).parameters)[:2] == ["session", "caller"]
    and list(inspect.signature(query).parameters)[2].endswith("_id")
}


@pytest.fixture
def owners(system: System, engine: Engine) -> list[Tenant]:
    """Two people who have a row in every table each."""
    with engine.begin() as connection:
        return [tenant(connection, f"{name}@example.com") for name in ("ada", "bob")]


# Whose table is not named for what people call a row of it.
TABLES = {"visible_webhook_delivery": "webhook_deliveries", "visible_schedule": "crawl_schedules"}


def caller(owner: Tenant) -> Caller:
    return Caller(owner.id)


def table_of(query: Any) -> str:
    """Return the table whose rows a query selects."""
    table: str = query(Caller(new_id())).column_descriptions[0]["entity"].__tablename__
    return table


@pytest.mark.parametrize("name", QUERIES)
def test_everybody_sees_their_own_rows_only(
    session: Session, owners: list[Tenant], name: str
) -> None:
    """Without row security: the session is the owner's of the database."""
    table = table_of(QUERIES[name])
    for owner in owners:
        rows = session.scalars(QUERIES[name](caller(owner))).all()
        assert [row.id for row in rows] == [owner.keys[table][0]]
    assert session.scalars(QUERIES[name](Caller(new_id()))).all() == []


@pytest.mark.parametrize("name", SINGLE)
def test_somebody_elses_row_is_as_absent_as_none(
    session: Session, owners: list[Tenant], name: str
) -> None:
    (ada, bob), find = owners, SINGLE[name]
    table = TABLES.get(name, f"{name.removeprefix('visible_')}s")
    identity = ada.keys[table][0]
    assert find(session, caller(ada), identity).id == identity
    refusals = []
    for who, what in ((bob, identity), (ada, new_id())):
        with pytest.raises(NotFound) as refused:
            find(session, caller(who), what)
        refusals.append(refused.value.detail)
    assert refusals[0] == refusals[1]


def test_a_lock_is_taken_on_the_row_itself() -> None:
    """Rows that it is joined with are somebody else's to change."""
    locking = [name for name in SINGLE if "lock" in inspect.signature(SINGLE[name]).parameters]
    assert {"visible_project", "visible_image", "visible_crawl_job"} <= set(locking)
    source = ast.parse(inspect.getsource(visible))
    joined = {
        function.name
        for function in ast.walk(source)
        if isinstance(function, ast.FunctionDef) and ".join(" in ast.unparse(function)
    }
    for name in locking:
        if f"{name}s" in joined:
            assert "of=" in inspect.getsource(SINGLE[name]), name
