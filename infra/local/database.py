"""A database of the user's own: whether it can be used, and what to do if it cannot."""

from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from infra.local.children import StackError
from shared.database.driver import to_pg8000_url
from shared.database.transactions import get_sqlstate

_SECONDS = 10
_FORM = "postgresql://user:password@host:5432/name"


def check_database(text: str) -> None:
    """Return when the database of a `DATABASE_URL` lets us in.

    Raises `StackError` with one line that says what to do and holds no password.
    """
    try:
        given = make_url(text)
        if not given.drivername.startswith("postgres"):
            raise ValueError
        url, arguments = to_pg8000_url(text)
    except (ArgumentError, ValueError):
        raise StackError(f"DATABASE_URL must be like {_FORM}.") from None
    engine = create_engine(url, connect_args={"timeout": _SECONDS, **arguments}, poolclass=NullPool)
    try:
        engine.connect().close()
    except DBAPIError as error:
        raise StackError(_advise(url, error)) from None
    except AttributeError:
        if url.password is not None:
            raise
        # So pg8000 ends when the server wants one.
        raise StackError(
            f"{_describe_server(url)} wants a password. Add it to DATABASE_URL."
        ) from None


def _describe_server(url: URL) -> str:
    return f"PostgreSQL at {url.host or 'a socket'}:{url.port or 5432}"


def _advise(url: URL, error: DBAPIError) -> str:
    server = _describe_server(url)
    original = error.orig or error
    match get_sqlstate(error):
        case "28P01":
            return f"{server} refuses the password of {url.username}. Correct DATABASE_URL."
        case "28000":
            return f"{server} lets no {url.username} in. Correct DATABASE_URL or its pg_hba.conf."
        case "3D000":
            return f"{server} has no database {url.database}. Create it, or correct DATABASE_URL."
        case "":
            reason = str(original.__cause__ or original).splitlines()[0]
            return f"{server} cannot be reached ({reason}). Start it, or correct DATABASE_URL."
        case code:
            said = original.args[0].get("M", code) if original.args else code
            return f"{server} takes no connection now ({said}). Try again, or correct DATABASE_URL."
