"""The deployment's migration job: gives logins their roles, then migrates the database.

Run by Cloud Run (`migration.tf`) as the account that owns the tables. Only the database's
administrator may make roles, so that comes first, with a password that no one else reads.
"""

import logging
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from migrations.connect import engine_from
from shared.database.driver import DRIVER

ROLES = ("pixmill_caller", "pixmill_system")

log = logging.getLogger(__name__)


def main(environ: Mapping[str, str]) -> None:
    """Make the roles, give them to the logins, and migrate; doing it again changes nothing."""
    logins = [login for login in environ["DB_LOGINS"].split(",") if login]
    engine = create_engine(
        f"{DRIVER}://", creator=lambda: _connect_as_administrator(environ), poolclass=NullPool
    )
    with engine.begin() as connection:
        give_roles(connection, owner=environ["DB_USER"], logins=logins)
    log.info("%d logins have their roles", len(logins))
    config = Config("alembic.ini")
    if _is_newer(environ, ScriptDirectory.from_config(config)):
        # An earlier release is being put back; the expanded schema suits it.
        log.info("the database is newer than this release, and stays as it is")
        return
    command.upgrade(config, "head")
    log.info("the database is migrated")


def _is_newer(environ: Mapping[str, str], known: ScriptDirectory) -> bool:
    """Return whether the database stands at a revision that this release does not have."""
    with engine_from(environ).connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    return revision is not None and revision not in {one.revision for one in known.walk_revisions()}


def give_roles(connection: Connection, owner: str, logins: Iterable[str]) -> None:
    """Allow the owner to make tables for the two roles, and logins become them for a transaction.

    A login inherits nothing: before its transaction takes a role it sees nothing.
    """
    quote = connection.dialect.identifier_preparer.quote_identifier
    known = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
    for role in ROLES:
        if role not in known:
            connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
    roles = ", ".join(ROLES)
    connection.execute(text(f"GRANT {roles} TO {quote(owner)}"))
    connection.execute(text(f"GRANT CREATE ON SCHEMA public TO {quote(owner)}"))
    for login in logins:
        connection.execute(text(f"GRANT {roles} TO {quote(login)} WITH INHERIT FALSE"))


def _connect_as_administrator(environ: Mapping[str, str]) -> Any:
    from google.cloud.sql.connector import Connector

    return Connector(refresh_strategy="lazy").connect(
        environ["INSTANCE_CONNECTION_NAME"],
        "pg8000",
        user=environ["DB_ADMIN_USER"],
        password=environ["DB_ADMIN_PASSWORD"],
        db=environ["DB_NAME"],
        ip_type=environ.get("DB_IP_TYPE", "PRIVATE"),
        ssl_context=False,  # the connector's socket is encrypted already
    )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    main(os.environ)
