"""Connections to PostgreSQL: by URL, or to a Cloud SQL instance with IAM login."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.pg8000 import PGDialect_pg8000

DRIVER = "postgresql+pixmill"


class Dialect(PGDialect_pg8000):
    """pg8000, whose lost and broken connections are recognised however they came about.

    pg8000 wraps most socket errors but lets a reset or a timeout while it reads pass as it is,
    which SQLAlchemy would neither count as a disconnect nor find when it tests a connection. And
    when a value cannot be sent (text with a lone surrogate), it gives up between a question and
    its answer: whoever used the connection next would read that answer as theirs, so it is closed.
    """

    supports_statement_cache = True

    def on_connect(self) -> Callable[[Any], None]:
        """Return what is done to every new connection.

        pg8000 sends what is longer than 8 KiB in pieces. Nagle's algorithm would hold the last one
        back until the server acknowledges the one before, and that takes its time: 40 ms on Linux.
        """
        inherited = super().on_connect()  # type: ignore[no-untyped-call]

        def prepare(connection: Any) -> None:
            if connection._usock.family != socket.AF_UNIX:  # noqa: SLF001
                connection._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # noqa: SLF001
            if inherited:
                inherited(connection)

        return prepare

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Return whether a pooled connection still works."""
        with self._mark_broken():
            return super().do_ping(dbapi_connection)

    def do_execute(self, cursor: Any, statement: Any, parameters: Any, context: Any = None) -> None:
        """Run a statement."""
        with self._mark_broken():
            super().do_execute(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_executemany(
        self, cursor: Any, statement: Any, parameters: Any, context: Any = None
    ) -> None:
        """Run a statement for several sets of parameters."""
        with self._mark_broken():
            super().do_executemany(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit."""
        with self._mark_broken():
            super().do_commit(dbapi_connection)  # type: ignore[no-untyped-call]

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Roll back."""
        with self._mark_broken():
            super().do_rollback(dbapi_connection)  # type: ignore[no-untyped-call]

    @contextmanager
    def _mark_broken(self) -> Iterator[None]:
        dbapi = self.loaded_dbapi
        try:
            yield
        except dbapi.Error:
            raise
        except OSError as error:
            raise dbapi.InterfaceError("network error") from error
        except Exception as error:
            # By these words SQLAlchemy knows that it must not use the connection again.
            raise dbapi.DataError("connection is closed: a value could not be sent") from error


registry.register("postgresql.pixmill", __name__, "Dialect")


def to_pg8000_url(text: str) -> tuple[URL, dict[str, Any]]:
    """Return a PostgreSQL URL in pg8000's spelling, and the arguments that it needs besides.

    `?host=/directory` (libpq's spelling) and `?unix_sock=/path` mean a Unix socket. TLS
    (`sslmode=require` and stricter) is encrypted; a certificate is verified for `verify-full`.
    `sslmode=disable` does not ask for it, which spares each connection the 20 ms that pg8000 takes
    to load certificate authorities.
    """
    url = make_url(text).set(drivername=DRIVER)
    query = dict(url.query)
    arguments: dict[str, Any] = {}
    host, path = query.pop("host", None), query.pop("unix_sock", None)
    if isinstance(host, str) and host.startswith("/"):
        path = f"{host}/.s.PGSQL.{url.port or query.pop('port', 5432)}"
    elif isinstance(host, str):
        url = url.set(host=host)
    if path:
        arguments["unix_sock"] = path
        url = url.set(host=None, port=None)
    mode = query.pop("sslmode", "prefer")
    if mode in ("require", "verify-ca", "verify-full"):
        arguments["ssl_context"] = _make_tls_context(verify=mode != "require")
    elif mode == "disable":
        arguments["ssl_context"] = False
    return url.set(query=query), arguments


def _make_tls_context(verify: bool) -> Any:
    import ssl

    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def to_cloud_sql(
    instance: str, user: str, database: str, ip_type: str = "PRIVATE", **arguments: Any
) -> Callable[[], Any]:
    """Return a function that connects through the Cloud SQL connector with IAM login.

    `instance` is `project:region:name`; `arguments` go to pg8000. The connector is made here, once
    per process, and asks for a certificate only when a connection is wanted ("lazy"): a refresh in
    the background would stall when the platform takes the CPU away between requests.
    """
    import pg8000
    from aiohttp import ClientError
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.sql.connector import Connector

    connector = Connector(refresh_strategy="lazy")

    def connect() -> Any:
        try:
            return connector.connect(
                instance,
                "pg8000",
                user=user,
                db=database,
                enable_iam_auth=True,
                ssl_context=False,  # the connector's socket is encrypted already
                ip_type=ip_type,
                **arguments,
            )
        except (ClientError, GoogleAuthError, OSError) as error:
            # What keeps a certificate from being made may pass, as any trouble with the network.
            raise pg8000.InterfaceError(f"network error: {error}") from error

    return connect
