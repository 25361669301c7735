"""Runs migrations: one at a time in a database, each in a transaction of its own."""

import logging
import os
import re
from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from migrations.connect import engine_from
from shared.models import Base

_LOCK = 0x7069786D696C6C  # "pixmill"; the same number for everyone who migrates this database
_PARTITION = re.compile(r"predictions_(default|\d{4}_\d{2})")


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """Leave partitions out of comparisons: they follow their parent."""
    return not (kind == "table" and name and _PARTITION.fullmatch(name))


def run(connection: Connection) -> None:
    """Migrate, after everyone who came before; give up rather than make the application wait."""
    connection.execute(text("SET lock_timeout = '10min'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '15min'"))
    connection.commit()
    context.configure(
        connection=connection,
        transaction_per_migration=True,
        target_metadata=Base.metadata,
        include_name=include_name,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.config.cmd_opts:  # on the command line, say what is done
    logging.basicConfig(format="%(message)s")
    logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)

if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql",
        target_metadata=Base.metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},  # others double every %
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
elif given := context.config.attributes.get("connection"):
    run(given)
else:
    with engine_from(os.environ).connect() as connection:
        run(connection)
