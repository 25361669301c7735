"""PostgreSQL is found by every usual way to write an address."""

import socket
import ssl

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DataError

from shared.database.driver import to_pg8000_url


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_scheme_becomes_pg8000(scheme: str) -> None:
    url, arguments = to_pg8000_url(f"{scheme}://u:p%40w@h:5433/d")
    assert url.render_as_string(hide_password=False) == "postgresql+pixmill://u:p%40w@h:5433/d"
    assert arguments == {}


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("postgresql://u@/d?host=/var/run/postgresql", "/var/run/postgresql/.s.PGSQL.5432"),
        ("postgresql://u@/d?host=/run&port=5433", "/run/.s.PGSQL.5433"),
        ("postgresql://u@/d?unix_sock=/run/.s.PGSQL.5432", "/run/.s.PGSQL.5432"),
    ],
)
def test_a_directory_is_a_unix_socket(address: str, path: str) -> None:
    url, arguments = to_pg8000_url(address)
    assert arguments == {"unix_sock": path}
    assert str(url) == "postgresql+pixmill://u@/d"


@pytest.mark.parametrize(
    ("mode", "verified"),
    [("require", ssl.CERT_NONE), ("verify-full", ssl.CERT_REQUIRED)],
)
def test_sslmode_encrypts(mode: str, verified: ssl.VerifyMode) -> None:
    url, arguments = to_pg8000_url(f"postgresql://u@h/d?sslmode={mode}")
    assert arguments["ssl_context"].verify_mode == verified
    assert not url.query


def test_sslmode_disable_asks_for_no_encryption() -> None:
    assert to_pg8000_url("postgresql://u@h/d?sslmode=disable")[1] == {"ssl_context": False}


def test_an_answer_never_reaches_the_next_question(database_url: str) -> None:
    url, arguments = to_pg8000_url(database_url)
    engine = create_engine(url, connect_args=arguments, pool_size=1, max_overflow=0)
    for number in range(3):
        with pytest.raises(DataError, match="could not be sent"), engine.connect() as connection:
            connection.execute(text("SELECT :secret || ''"), {"secret": "lone \ud800"})
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT CAST(:n AS int)"), {"n": number}) == number
    engine.dispose()


def test_the_last_piece_of_a_long_statement_is_not_held_back(database_url: str) -> None:
    url, arguments = to_pg8000_url(database_url)
    engine = create_engine(url, connect_args=arguments)
    with engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        assert driver._usock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)  # noqa: SLF001
    engine.dispose()
