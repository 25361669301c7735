"""Servers and databases of their own for tests, migrated databases copied from a template."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, make_url, text

from infra.local.children import find_free_port
from infra.local.postgres import Postgres
from shared.database.driver import to_pg8000_url

ALEMBIC = Path(__file__).resolve().parent.parent / "alembic.ini"

_numbers = itertools.count()


@contextmanager
def temporary_server(bin_dir: Path | None = None, schema: Path | None = None) -> Iterator[Postgres]:
    """Yield a PostgreSQL server that leaves nothing behind.

    Not in pytest's own temporary directory: every run of pytest closes that one to all accounts
    but its own, and a server started by root runs as another one.
    """
    directory = Path(tempfile.mkdtemp(prefix="pixmill-postgres-"))
    server = Postgres(directory, find_free_port(), bin_dir, schema)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory)


def connect_to(url: str) -> Engine:
    """Return an engine on a PostgreSQL URL."""
    address, arguments = to_pg8000_url(url)
    return create_engine(address, connect_args=arguments)


def execute(url: str, *statements: str) -> None:
    """Run statements outside a transaction, as CREATE DATABASE wants."""
    engine = connect_to(url)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


@contextmanager
def new_database(server_url: str, template: str = "template1", owner: str = "") -> Iterator[str]:
    """Yield the URL of a new database, which is dropped at the end."""
    name = f"schema_{next(_numbers)}"
    owned = f" OWNER {owner}" if owner else ""
    execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template}{owned}")
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def alembic(connection: Connection) -> Config:
    """Alembic's configuration on a connection instead of the environment's database."""
    config = Config(ALEMBIC)
    config.attributes["connection"] = connection
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade a database."""
    engine = connect_to(url)
    try:
        with engine.connect() as connection:
            command.upgrade(alembic(connection), revision)
    finally:
        engine.dispose()


def act_as(connection: Connection, role: str, user_id: object = "") -> None:
    """Let the rest of the transaction run as the runtime lets functions run."""
    connection.execute(
        text("SELECT set_config('role', :role, true), set_config('pixmill.user_id', :user, true)"),
        {"role": role, "user": str(user_id)},
    )
