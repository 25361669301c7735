"""The connection that migrations run on: a URL, or Cloud SQL with IAM login."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.pool import NullPool


def engine_from(environ: Mapping[str, str]) -> Engine:
    """An engine for `INSTANCE_CONNECTION_NAME`, or else for `DATABASE_URL`.

    Cloud SQL wants `DB_USER` and `DB_NAME` too (`DB_IP_TYPE` is PRIVATE unless set).
    Raises `RuntimeError` when neither is there. No time limit on the socket: building an index
    may take long, and the server's own statement timeout holds.
    """
    if environ.get("INSTANCE_CONNECTION_NAME"):
        return create_engine(
            "postgresql+pg8000://", creator=lambda: _cloud_sql(environ), poolclass=NullPool
        )
    if not environ.get("DATABASE_URL"):
        raise RuntimeError("Set DATABASE_URL, or INSTANCE_CONNECTION_NAME, DB_USER and DB_NAME.")
    url, arguments = pg8000_url(environ["DATABASE_URL"])
    return create_engine(url, connect_args=arguments, poolclass=NullPool)


def pg8000_url(text: str) -> tuple[URL, dict[str, Any]]:
    """A PostgreSQL URL in any usual spelling as pg8000's, with the arguments it needs besides.

    `?host=/directory` (libpq's spelling) and `?unix_sock=/path` mean a Unix socket. TLS
    (`sslmode=require` and stricter) is encrypted; a certificate is verified for `verify-full`.
    """
    url = make_url(text).set(drivername="postgresql+pg8000")
    query = dict(url.query)
    arguments: dict[str, Any] = {}
    host, socket = query.pop("host", None), query.pop("unix_sock", None)
    if isinstance(host, str) and host.startswith("/"):
        socket = f"{host}/.s.PGSQL.{url.port or query.pop('port', 5432)}"
    elif isinstance(host, str):
        url = url.set(host=host)
    if socket:
        arguments["unix_sock"] = socket
        url = url.set(host=None, port=None)
    mode = query.pop("sslmode", "prefer")
    if mode in ("require", "verify-ca", "verify-full"):
        arguments["ssl_context"] = _tls(verify=mode != "require")
    return url.set(query=query), arguments


def _tls(verify: bool) -> Any:
    import ssl

    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _cloud_sql(environ: Mapping[str, str]) -> Any:
    from google.cloud.sql.connector import Connector

    return Connector(refresh_strategy="lazy").connect(
        environ["INSTANCE_CONNECTION_NAME"],
        "pg8000",
        user=environ["DB_USER"],
        db=environ["DB_NAME"],
        enable_iam_auth=True,
        ip_type=environ.get("DB_IP_TYPE", "PRIVATE"),
    )
