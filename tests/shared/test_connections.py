"""Where PostgreSQL is, for every usual way to write an address."""

import ssl

import pytest

from shared.connections import pg8000_url


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_scheme_becomes_pg8000(scheme: str) -> None:
    url, arguments = pg8000_url(f"{scheme}://u:p%40w@h:5433/d")
    assert url.render_as_string(hide_password=False) == "postgresql+pixmill://u:p%40w@h:5433/d"
    assert arguments == {}


@pytest.mark.parametrize(
    ("address", "socket"),
    [
        ("postgresql://u@/d?host=/var/run/postgresql", "/var/run/postgresql/.s.PGSQL.5432"),
        ("postgresql://u@/d?host=/run&port=5433", "/run/.s.PGSQL.5433"),
        ("postgresql://u@/d?unix_sock=/run/.s.PGSQL.5432", "/run/.s.PGSQL.5432"),
    ],
)
def test_a_directory_is_a_unix_socket(address: str, socket: str) -> None:
    url, arguments = pg8000_url(address)
    assert arguments == {"unix_sock": socket}
    assert str(url) == "postgresql+pixmill://u@/d"


@pytest.mark.parametrize(
    ("mode", "verified"),
    [("require", ssl.CERT_NONE), ("verify-full", ssl.CERT_REQUIRED)],
)
def test_sslmode_encrypts(mode: str, verified: ssl.VerifyMode) -> None:
    url, arguments = pg8000_url(f"postgresql://u@h/d?sslmode={mode}")
    assert arguments["ssl_context"].verify_mode == verified
    assert not url.query
