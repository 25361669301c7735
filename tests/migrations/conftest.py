"""Each test of the schema runs on PostgreSQL 18, and on 15 where the machine has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, make_url

from tests.databases import connect_to, migrate, new_database, temporary_server
from tests.migrations.population import populate

_OLDEST = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="session", params=["18", "15"] if _OLDEST.exists() else ["18"])
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield a server of each version: its superuser's URL."""
    if request.param == "18":
        yield request.getfixturevalue("postgres").url
        return
    with temporary_server(_OLDEST) as server:
        yield server.url


@pytest.fixture(scope="session")
def migrated(postgres_url: str) -> Iterator[str]:
    """Yield the name of a migrated database to copy."""
    with new_database(postgres_url) as url:
        migrate(url)
        yield str(make_url(url).database)


@pytest.fixture(scope="session")
def populated(postgres_url: str, migrated: str) -> Iterator[Engine]:
    """Yield a database with thousands of rows, for reading only."""
    with new_database(postgres_url, template=migrated) as url:
        engine = connect_to(url)
        with engine.begin() as connection:
            populate(connection)
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def database(postgres_url: str, migrated: str) -> Iterator[str]:
    """Yield the URL of a module's own migrated database."""
    with new_database(postgres_url, template=migrated) as url:
        yield url


@pytest.fixture(scope="module")
def owner(database: str) -> Iterator[Engine]:
    """Yield an engine on the module's database for its owner."""
    engine = connect_to(database)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(owner: Engine) -> Iterator[Connection]:
    """Yield a connection whose transaction is rolled back."""
    with owner.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
