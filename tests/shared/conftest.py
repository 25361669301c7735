"""An empty database for each module that makes tables of its own."""

import itertools
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from infra.local.postgres import Postgres

_numbers = itertools.count()


@pytest.fixture(scope="module")
def scratch(postgres: Postgres) -> Iterator[Engine]:
    """Yield an engine on a new database without tables, but with the function that makes ids."""
    url = make_url(postgres.url).set(drivername="postgresql+pg8000")
    name = f"scratch_{next(_numbers)}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(url.set(database=name))
    with engine.begin() as connection:
        connection.execute(
            text("CREATE FUNCTION new_id() RETURNS uuid LANGUAGE sql RETURN gen_random_uuid()")
        )
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    admin.dispose()
