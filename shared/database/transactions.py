"""The connection to PostgreSQL, and the role under which a transaction runs."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.orm import Session, SessionTransaction

from shared.database.driver import DRIVER, to_cloud_sql, to_pg8000_url
from shared.settings import SettingError, Settings

log = logging.getLogger(__name__)

CALLER_ROLE = "pixmill_caller"
SYSTEM_ROLE = "pixmill_system"

# Sent at connection start. pg8000 sets no limits of its own, and a function that hangs is paid for.
_CONNECTION = {
    "application_name": "pixmill",
    "startup_params": {
        "statement_timeout": "120s",
        "lock_timeout": "20s",
        "idle_in_transaction_session_timeout": "120s",
    },
}
_SOCKET_TIMEOUT = 150  # seconds; above the longest statement, so that the server's limit is first


class UnknownOutcomeError(RuntimeError):
    """The database was lost just then: whether this took effect is not known. Look, then repeat."""


def make_engine(settings: Settings) -> Engine:
    """Return an engine for `DATABASE_URL`, or for Cloud SQL when an instance is named.

    Raises `SettingError` when neither is set.
    """
    options = {
        "pool_size": settings.pool_size,
        "max_overflow": 0,
        "pool_timeout": 30,
        "pool_recycle": 1800,
        "pool_pre_ping": True,
        "hide_parameters": True,  # an error's text goes to the log, where no password belongs
    }
    if settings.instance_connection_name:
        connect = _limit_socket(
            to_cloud_sql(
                settings.instance_connection_name,
                settings.db_user or "",
                settings.db_name,
                settings.db_ip_type,
                **_CONNECTION,
            )
        )
        return create_engine(f"{DRIVER}://", creator=connect, **options)
    if not settings.database_url:
        raise SettingError("Set DATABASE_URL, or INSTANCE_CONNECTION_NAME and DB_USER.")
    url, arguments = to_pg8000_url(settings.database_url)
    arguments |= {**_CONNECTION, "timeout": _SOCKET_TIMEOUT}
    return create_engine(url, connect_args=arguments, **options)


def _limit_socket(connect: Callable[[], Any]) -> Callable[[], Any]:
    """Limit the time of a socket that the connector hands in: pg8000 sets no limit on it."""

    def connect_limited() -> Any:
        connection = connect()
        connection._usock.settimeout(_SOCKET_TIMEOUT)  # noqa: SLF001
        return connection

    return connect_limited


def set_caller(session: Session | Connection, user_id: UUID) -> None:
    """Make the rest of a transaction run as a signed-in caller: own rows only."""
    connection = session.connection() if isinstance(session, Session) else session
    _set_role(connection, CALLER_ROLE, user_id)


def set_system(session: Session) -> None:
    """Make the rest of a transaction run as the system, whoever it ran for before."""
    _set_role(session.connection(), SYSTEM_ROLE)


def _set_role(connection: Connection, role: str, user_id: UUID | None = None) -> None:
    """Change to a role until the transaction ends.

    The statement comes without parameters, for which pg8000 needs one exchange instead of three.
    """
    connection.exec_driver_sql(
        f"SELECT set_config('role', '{role}', true),"
        f" set_config('pixmill.user_id', '{user_id or ''}', true)"
    )


@contextmanager
def transaction(
    engine: Engine, *, on_begin: Callable[[Connection], None] | None = None
) -> Iterator[Session]:
    """Yield a session whose one transaction commits at the end of the block, or rolls back.

    It begins with the first statement, so slow work before that holds no connection; it runs as
    the system role until `set_caller`. `on_begin` is called with the connection as it begins.
    Raises `UnknownOutcomeError` when the connection is lost while it commits.
    """
    session = Session(engine, expire_on_commit=False)

    @event.listens_for(session, "after_begin")
    def begin(_: Session, inner: SessionTransaction, connection: Connection) -> None:
        if inner.nested:
            return
        _set_role(connection, SYSTEM_ROLE)
        if on_begin is not None:
            on_begin(connection)

    try:
        yield session
        session.flush()
        try:
            session.commit()
        except DBAPIError as error:
            if _is_lost(error):
                raise UnknownOutcomeError((UnknownOutcomeError.__doc__ or "").strip()) from error
            raise
    except BaseException:
        try:
            session.rollback()
        except DBAPIError:
            log.warning("rollback failed; the connection is dropped", exc_info=True)
        raise
    finally:
        session.close()


def is_transient(error: DBAPIError) -> bool:
    """Return whether the same transaction may succeed when tried again later.

    True for what `can_repeat` names, for a lock or a statement that took too long, and for a
    server without the means (PostgreSQL error classes 53 and 57, and 55P03).
    """
    code = get_sqlstate(error)
    return can_repeat(error) or code[:2] in ("53", "57") or code == "55P03"


def can_repeat(error: DBAPIError) -> bool:
    """Return whether it may succeed at once: lost connection, serialization failure, deadlock."""
    return _is_lost(error) or get_sqlstate(error)[:2] == "40"


def _is_lost(error: DBAPIError) -> bool:
    """Return whether the connection has ended (classes 08 and 57P, or pg8000 saw it break)."""
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    return get_sqlstate(error).startswith(("08", "57P"))


def get_sqlstate(error: DBAPIError) -> str:
    """Return the five-character PostgreSQL error code, or an empty string."""
    details = error.orig.args[0] if error.orig and error.orig.args else None
    return str(details.get("C", "")) if isinstance(details, dict) else ""


def get_constraint(error: DBAPIError) -> str:
    """Return the name of the constraint that a statement broke, or an empty string."""
    details = error.orig.args[0] if error.orig and error.orig.args else None
    return str(details.get("n", "")) if isinstance(details, dict) else ""
