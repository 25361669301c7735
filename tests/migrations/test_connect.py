"""Migrations connect to the database that is named."""

import pytest
from alembic.util import CommandError
from sqlalchemy import text

from migrations.connect import engine_from


def test_an_address_is_needed() -> None:
    with pytest.raises(CommandError, match="Set DATABASE_URL"):
        engine_from({})


def test_it_connects(postgres_url: str) -> None:
    engine = engine_from({"DATABASE_URL": postgres_url.replace("postgresql://", "postgres://")})
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_database()")) == "pixmill"
    engine.dispose()
