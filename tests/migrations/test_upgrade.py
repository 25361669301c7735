"""Forward and back, alone and at the same time, with and without superuser."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, make_url, text

from migrations.newest import SCHEMA, is_newest
from shared.models import Base
from tests.databases import (
    ALEMBIC,
    act_as,
    alembic,
    connect_to,
    execute,
    migrate,
    new_database,
    temporary_server,
)

# Everything that a table is, as PostgreSQL itself writes it down.
_CATALOGUE = """
    SELECT 'column ' || c.oid::regclass || '.' || a.attname,
        concat_ws(' ', format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attnotnull THEN 'not null' END, a.attgenerated,
            pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE {tables}
    UNION ALL
    SELECT 'constraint ' || conname || ' of ' || conrelid::regclass, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
    WHERE {tables} AND contype <> 'n'
    UNION ALL
    SELECT 'index ' || indexrelid::regclass, pg_get_indexdef(indexrelid)
    FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE {tables}
    UNION ALL
    SELECT 'table ' || c.oid::regclass,
        concat_ws(' ', c.relkind, pg_get_partkeydef(c.oid), obj_description(c.oid))
    FROM pg_class c WHERE {tables}
""".format(
    tables="c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') "
    "AND NOT c.relispartition AND c.relname <> 'alembic_version'"
)


# Who may do what, and what PostgreSQL does by itself.
_RIGHTS = (
    """SELECT relname, relacl::text, relrowsecurity, relforcerowsecurity FROM pg_class
    WHERE relnamespace = 'public'::regnamespace ORDER BY 1""",
    """SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies
    ORDER BY 1, 2""",
    """SELECT proname, proacl::text, prosrc, proconfig::text FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 3""",
    """SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY 1, 2""",
)


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    engine = connect_to(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def catalogue(url: str) -> dict[str, str]:
    """Return what the database's tables are made of."""
    with connect(url) as connection:
        return dict(connection.execute(text(_CATALOGUE)).all())


def list_rights(url: str) -> list[Any]:
    """Return grants, policies, functions and triggers."""
    with connect(url) as connection:
        return [row for query in _RIGHTS for row in connection.execute(text(query)).all()]


def upgrade_process(url: str) -> subprocess.Popen[str]:
    """Return the command that a person runs."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "alembic", "-c", ALEMBIC, "upgrade", "head"],
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_forward_back_and_forward_again(postgres_url: str) -> None:
    with new_database(postgres_url) as url:
        migrate(url)
        first = catalogue(url)
        with connect(url) as connection:
            command.downgrade(alembic(connection), "base")
        with connect(url) as connection:
            assert inspect(connection).get_table_names() == ["alembic_version"]
            assert inspect(connection).get_view_names() == []
            functions = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            assert connection.scalars(text(functions)).all() == []
        assert not is_newest(url)
        migrate(url)
        assert is_newest(url)
        assert catalogue(url) == first


def test_a_database_that_was_never_migrated_is_not_the_newest(postgres_url: str) -> None:
    with new_database(postgres_url) as url:
        assert not is_newest(url)


def test_a_new_server_begins_with_what_the_migrations_make() -> None:
    with temporary_server(schema=SCHEMA) as server, new_database(server.url) as url:
        migrate(url)
        assert is_newest(server.url)
        assert catalogue(server.url) == catalogue(url)
        assert list_rights(server.url) == list_rights(url)


def test_migrations_make_what_the_models_say(postgres_url: str, database: str) -> None:
    with new_database(postgres_url) as url:
        migrate(url, "0001")  # the functions that defaults name
        with connect(url) as connection:
            Base.metadata.create_all(connection)
            connection.commit()
        assert catalogue(database) == catalogue(url)


def test_alembic_finds_nothing_to_do(database: str) -> None:
    with connect(database) as connection:
        command.check(alembic(connection))


def test_every_table_and_column_is_explained(database: str) -> None:
    with connect(database) as connection:
        for table in Base.metadata.tables:
            assert inspect(connection).get_table_comment(table)["text"], table
            for column in inspect(connection).get_columns(table):
                assert column["comment"], f"{table}.{column['name']}"


def test_two_at_the_same_time_take_turns(postgres_url: str) -> None:
    with new_database(postgres_url) as url:
        processes = [upgrade_process(url) for _ in range(2)]
        outputs = [process.communicate(timeout=60)[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0], outputs
        assert sorted("Running upgrade" in output for output in outputs) == [False, True]


def test_statements_can_be_printed_for_review(
    postgres_url: str, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with new_database(postgres_url) as url:
        with connect(url) as connection:
            config = alembic(connection)
            command.upgrade(config, "head", sql=True)
            script = capsys.readouterr().out
            connection.connection.cursor().execute(script)
            connection.commit()
        assert catalogue(url) == catalogue(database)


def test_an_owner_without_superuser(postgres_url: str, migrated: str) -> None:
    """Behave as Cloud SQL does: the roles are there and granted, the owner is an ordinary login."""
    execute(
        postgres_url,
        "CREATE ROLE plain LOGIN PASSWORD 'plain'",
        "GRANT pixmill_caller, pixmill_system TO plain",
    )
    try:
        with new_database(postgres_url, owner="plain") as as_admin:
            url = make_url(as_admin).set(username="plain", password="plain")
            plain = url.render_as_string(hide_password=False)
            execute(as_admin, "ALTER SCHEMA public OWNER TO plain")
            migrate(plain)
            with connect(plain) as connection:
                connection.execute(text("INSERT INTO profiles (email) VALUES ('a@example.org')"))
                assert connection.scalar(text("SELECT count(*) FROM profiles")) == 1
                act_as(connection, "pixmill_caller")
                assert connection.scalar(text("SELECT count(*) FROM profiles")) == 0
                act_as(connection, "pixmill_system")
                assert connection.scalar(text("SELECT count(*) FROM profiles")) == 1
                assert connection.scalar(text("SELECT ensure_partitions('predictions', 4)")) == 1
            with connect(plain) as connection:
                command.downgrade(alembic(connection), "base")
    finally:
        execute(postgres_url, "DROP ROLE plain")
