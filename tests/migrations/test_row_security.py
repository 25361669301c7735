"""A caller sees and writes own rows only; the system, all; nobody, none."""

import pytest
from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.database.transactions import CALLER_ROLE, SYSTEM_ROLE
from shared.models import Base, OutboxMessage, Prediction
from tests.databases import act_as
from tests.migrations.tenants import SYSTEM_TABLES, Tenant, tables, tenant

TABLES = [pytest.param(table, id=table.name) for table in tables()]
READ_ONLY = {"rights_signals", "known_places"}  # to callers: a crawl, or signing in, writes them
NEVER_CHANGED = {"sign_in_codes"}  # by callers, who may delete them
APPEND_ONLY = {
    "activity_logs",
    "prediction_counts",
    "input_counts",
    "storage_counts",
    *READ_ONLY,
}


@pytest.fixture(scope="module")
def people(owner: Engine) -> tuple[Tenant, Tenant]:
    """Ada and Bob, who both own something of everything."""
    with owner.begin() as connection:
        return tenant(connection, "ada@example.org"), tenant(connection, "bob@example.org")


@pytest.fixture
def ada(people: tuple[Tenant, Tenant]) -> Tenant:
    return people[0]


@pytest.fixture
def bob(people: tuple[Tenant, Tenant]) -> Tenant:
    return people[1]


def refusal(error: pytest.ExceptionInfo[DBAPIError]) -> str:
    """PostgreSQL's code for why a statement was refused."""
    details = error.value.orig.args[0] if error.value.orig else {}
    return str(details["C"])


def test_both_own_a_row_of_every_table(ada: Tenant) -> None:
    assert set(ada.keys) == {table.name for table in tables()}
    assert set(ada.keys) | SYSTEM_TABLES == set(Base.metadata.tables)


@pytest.mark.parametrize("table", TABLES)
def test_a_caller_sees_own_rows_only(
    connection: Connection, table: Table, ada: Tenant, bob: Tenant
) -> None:
    act_as(connection, CALLER_ROLE, ada.id)
    seen = [tuple(row) for row in connection.execute(select(*table.primary_key))]
    assert seen == [ada.keys[table.name]]


@pytest.mark.parametrize("table", TABLES)
def test_the_system_sees_all_rows(connection: Connection, table: Table, ada: Tenant) -> None:
    act_as(connection, SYSTEM_ROLE)
    assert connection.scalar(select(func.count()).select_from(table)) == 2


@pytest.mark.parametrize("table", TABLES)
def test_nobody_sees_nothing(connection: Connection, table: Table, ada: Tenant) -> None:
    act_as(connection, CALLER_ROLE)
    assert connection.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize("table", TABLES)
def test_a_caller_cannot_insert_for_others(
    connection: Connection, table: Table, ada: Tenant, bob: Tenant
) -> None:
    row = _take_out(connection, table, bob)
    act_as(connection, CALLER_ROLE, ada.id)
    with pytest.raises(DBAPIError) as error:
        connection.execute(insert(table).values(row))
    assert refusal(error) in ("42501", "23503")  # row security, or the parent is not there


@pytest.mark.parametrize(
    "table", [each for each in TABLES if each.id not in ("profiles", *READ_ONLY)]
)
def test_a_caller_inserts_own_rows(connection: Connection, table: Table, bob: Tenant) -> None:
    row = _take_out(connection, table, bob)
    act_as(connection, CALLER_ROLE, bob.id)
    connection.execute(insert(table).values(row))
    assert connection.scalar(select(func.count()).select_from(table)) == 1


@pytest.mark.parametrize("action", ["INSERT", "UPDATE", "DELETE"])
@pytest.mark.parametrize("role", [CALLER_ROLE, SYSTEM_ROLE])
def test_the_ledger_of_rights_is_written_once(
    connection: Connection, role: str, action: str
) -> None:
    may = text("SELECT has_table_privilege(:role, 'rights_signals', :action)")
    allowed = connection.scalar(may, {"role": role, "action": action})
    assert allowed is (role == SYSTEM_ROLE and action == "INSERT")


@pytest.mark.parametrize("table", TABLES)
def test_a_caller_cannot_change_or_delete_rows_of_others(
    connection: Connection, table: Table, ada: Tenant, bob: Tenant
) -> None:
    changed = "full_name" if table.name == "profiles" else _ordinary_column(table)
    act_as(connection, CALLER_ROLE, ada.id)
    if table.name not in APPEND_ONLY:
        statement = update(table).where(bob.has(table)).values({changed: table.c[changed]})
        if table.name not in NEVER_CHANGED:
            assert connection.execute(statement).rowcount == 0
        assert connection.execute(delete(table).where(bob.has(table))).rowcount == 0


@pytest.mark.parametrize(
    ("table", "column"),
    [
        pytest.param(table, key.parent, id=f"{table.name}.{key.parent.name}")
        for table in tables()
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
        if (table.name, key.parent.name) != ("images", "project_id")  # follows the crawl job
    ],
)
def test_a_caller_cannot_refer_to_rows_of_others(
    connection: Connection, table: Table, column: object, ada: Tenant, bob: Tenant
) -> None:
    name = str(getattr(column, "name", ""))
    parent = next(key.column.table for key in table.c[name].foreign_keys)
    theirs = bob.keys[parent.name][0]
    act_as(connection, CALLER_ROLE, ada.id)
    try:
        connection.execute(update(table).where(ada.has(table)).values({name: theirs}))
    except DBAPIError as error:
        details = error.orig.args[0] if error.orig else {}
        assert details["C"] in ("42501", "23503")
    else:  # a trigger has put the owner right
        assert connection.scalar(select(table.c[name]).where(ada.has(table))) != theirs


def test_a_caller_cannot_become_admin(connection: Connection, ada: Tenant) -> None:
    act_as(connection, CALLER_ROLE, ada.id)
    with pytest.raises(DBAPIError) as error:
        connection.execute(text("UPDATE profiles SET role = 'admin'"))
    assert refusal(error) == "42501"


def test_a_caller_cannot_rewrite_the_activity_log(connection: Connection, ada: Tenant) -> None:
    act_as(connection, CALLER_ROLE, ada.id)
    with pytest.raises(DBAPIError) as error:
        connection.execute(text("DELETE FROM activity_logs"))
    assert refusal(error) == "42501"


def test_a_caller_adds_to_the_outbox_without_reading_it(
    connection: Connection, ada: Tenant
) -> None:
    act_as(connection, CALLER_ROLE, ada.id)
    with Session(connection) as session:
        session.add(OutboxMessage(topic="t", message={}))
        session.flush()
        with pytest.raises(DBAPIError) as error:
            session.execute(select(OutboxMessage.message))
    assert refusal(error) == "42501"


@pytest.mark.parametrize("table", ["deliveries", "dead_letters", "alembic_version"])
def test_a_caller_has_no_business_in_the_systems_tables(
    connection: Connection, table: str, ada: Tenant
) -> None:
    act_as(connection, CALLER_ROLE, ada.id)
    with pytest.raises(DBAPIError) as error:
        connection.execute(text(f"SELECT * FROM {table}"))
    assert refusal(error) == "42501"


def test_partitions_are_no_way_around(connection: Connection, ada: Tenant) -> None:
    parent = "WHERE inhparent = 'predictions'::regclass"
    names = connection.scalars(
        text(f"SELECT inhrelid::regclass::text FROM pg_inherits {parent}")
    ).all()
    assert len(names) == 5  # this month, three more, and the default one
    for name in names:
        act_as(connection, CALLER_ROLE, ada.id)
        with pytest.raises(DBAPIError) as error, connection.begin_nested():
            connection.execute(text(f"SELECT * FROM {name}"))
        assert refusal(error) == "42501"
    assert connection.scalar(select(func.count()).select_from(Prediction)) == 1


def test_users_shows_a_caller_only_the_caller(connection: Connection, ada: Tenant) -> None:
    act_as(connection, CALLER_ROLE, ada.id)
    assert connection.scalars(text("SELECT id FROM users")).all() == [ada.id]


def test_a_caller_deletes_the_own_account_with_everything(
    connection: Connection, ada: Tenant
) -> None:
    act_as(connection, CALLER_ROLE, ada.id)
    connection.execute(text("DELETE FROM profiles"))
    act_as(connection, SYSTEM_ROLE)
    for table in tables():
        left = connection.scalar(select(func.count()).select_from(table))
        assert left == (2 if table.name == "activity_logs" else 1), table.name


def _take_out(connection: Connection, table: Table, person: Tenant) -> dict[str, object]:
    """Delete somebody's row, and return it as it was so that it can be written again."""
    row = connection.execute(select(table).where(person.has(table))).mappings().one()
    connection.execute(delete(table).where(person.has(table)))
    return {column.name: row[column.name] for column in table.columns if column.computed is None}


def _ordinary_column(table: Table) -> str:
    return next(
        column.name
        for column in table.columns
        if not column.primary_key and not column.foreign_keys and column.computed is None
    )
