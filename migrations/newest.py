"""The newest schema: its statements in one file, and whether a database has it."""

from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from shared.database.driver import to_pg8000_url

SCHEMA = Path(__file__).with_name("schema.sql")


def make_title(revision: str) -> str:
    """Return the first line of the file, which names the revision that its statements lead to."""
    return f"-- Revision {revision}, written by `python -m migrations.document`; do not edit."


def is_newest(database_url: str) -> bool:
    """Return whether a database says that it has the revision of the file."""
    url, arguments = to_pg8000_url(database_url)
    engine = create_engine(url, connect_args=arguments, poolclass=NullPool)
    with engine.connect() as connection:
        try:
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
        except DBAPIError:  # nothing was ever migrated there
            return False
    return SCHEMA.read_text().startswith(f"{make_title(str(revision))}\n")
