"""The connection that migrations run on: a URL, or Cloud SQL with IAM login."""

from collections.abc import Mapping

from alembic.util import CommandError
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from shared.database.driver import DRIVER, to_cloud_sql, to_pg8000_url


def engine_from(environ: Mapping[str, str]) -> Engine:
    """Return an engine for `INSTANCE_CONNECTION_NAME`, or else for `DATABASE_URL`.

    Cloud SQL wants `DB_USER` and `DB_NAME` too (`DB_IP_TYPE` is PRIVATE unless set).
    Raises `CommandError` when neither is there. No time limit on the socket: building an index
    may take long, and the server's own statement timeout holds.
    """
    if instance := environ.get("INSTANCE_CONNECTION_NAME"):
        connect = to_cloud_sql(
            instance,
            environ["DB_USER"],
            environ["DB_NAME"],
            environ.get("DB_IP_TYPE", "PRIVATE"),
        )
        return create_engine(f"{DRIVER}://", creator=connect, poolclass=NullPool)
    if not environ.get("DATABASE_URL"):
        raise CommandError("Set DATABASE_URL, or INSTANCE_CONNECTION_NAME, DB_USER and DB_NAME.")
    url, arguments = to_pg8000_url(environ["DATABASE_URL"])
    return create_engine(url, connect_args=arguments, poolclass=NullPool)
