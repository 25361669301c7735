"""The local PostgreSQL keeps its data and starts again, whatever ended it."""

import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from sqlalchemy import make_url, text

from infra.local import postgres as module
from infra.local.children import find_free_port
from infra.local.postgres import Postgres, PostgresError
from tests.databases import connect_to


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """The directory in which the servers of this module keep their data, one after the other."""
    path = Path(tempfile.mkdtemp(prefix="pixmill-postgres-"))
    yield path / "state"
    shutil.rmtree(path)


@pytest.fixture
def server(directory: Path) -> Iterator[Postgres]:
    server = Postgres(directory, find_free_port())
    server.start()
    yield server
    server.stop()


def ask(url: str, statement: str) -> object:
    engine = connect_to(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def pid(server: Postgres) -> int:
    assert server.process is not None
    return server.process.pid


def list_processes(server: Postgres) -> set[int]:
    """Return the processes that work on the server's data."""
    return {process.pid for process in server.find_leftovers()}


def remember(server: Postgres) -> None:
    ask(server.url, "CREATE TABLE IF NOT EXISTS kept (n integer)")
    ask(server.url, "INSERT INTO kept VALUES (7)")


def test_it_listens_on_loopback_only_and_wants_its_password(server: Postgres) -> None:
    settings = {
        name: ask(server.url, f"SELECT current_setting('{name}')")
        for name in ("listen_addresses", "unix_socket_directories", "fsync", "max_connections")
    }
    assert settings == {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "on",
        "max_connections": "100",
    }
    wrong = make_url(server.url).set(password="wrong").render_as_string(hide_password=False)
    with pytest.raises(Exception, match="password authentication failed"):
        ask(wrong, "SELECT 1")
    assert stat.S_IMODE((server.directory / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE(server.directory.stat().st_mode) == 0o700


def test_it_is_a_child_that_stops_soon_although_clients_are_connected(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 60)
    assert psutil.Process(pid(server)).parent() == psutil.Process()
    engine = connect_to(server.url)
    connection = engine.connect()
    connection.execute(text("SELECT 1"))
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 30
    assert list_processes(server) == set()
    server.stop()  # twice does no harm
    connection.invalidate()
    engine.dispose()


def test_data_and_password_stay(server: Postgres, directory: Path) -> None:
    remember(server)
    url = make_url(server.url)
    server.stop()
    again = Postgres(directory, server.port)
    again.start()
    try:
        assert make_url(again.url) == url
        assert ask(again.url, "SELECT max(n) FROM kept") == 7
    finally:
        again.stop()


@pytest.mark.parametrize("killed", ["postmaster", "everything"])
def test_a_kill_loses_nothing(server: Postgres, directory: Path, killed: str) -> None:
    remember(server)
    for each in {pid(server)} if killed == "postmaster" else list_processes(server):
        with suppress(ProcessLookupError):  # a helper process may have ended by itself
            os.kill(each, signal.SIGKILL)
    assert server.process is not None
    server.process.wait()
    again = Postgres(directory, find_free_port())
    again.start()
    try:
        assert ask(again.url, "SELECT max(n) FROM kept") == 7
    finally:
        again.stop()


def test_a_server_left_behind_is_ended_first(server: Postgres, directory: Path) -> None:
    again = Postgres(directory, find_free_port())
    again.start()
    try:
        assert server.process is not None
        assert server.process.wait(timeout=30) == 0
        assert ask(again.url, "SELECT 1") == 1
    finally:
        again.stop()


def test_a_lock_whose_process_is_another_program_by_now_is_forgotten(
    server: Postgres, directory: Path
) -> None:
    server.stop()
    (directory / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    server.start()
    assert ask(server.url, "SELECT 1") == 1


def test_an_unfinished_set_up_begins_anew() -> None:
    directory = Path(tempfile.mkdtemp(prefix="pixmill-postgres-"))
    (directory / "data.unfinished").mkdir()
    (directory / "data.unfinished" / "PG_VERSION").write_text("18")
    server = Postgres(directory, find_free_port())
    try:
        server.start()
        assert ask(server.url, "SELECT 1") == 1
    finally:
        server.stop()
        shutil.rmtree(directory)


def test_a_schema_that_fails_leaves_no_data(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text("SELECT 1;\n\nSELECT 1 / 0;\n\nSELECT 1;\n")
    directory = Path(tempfile.mkdtemp(prefix="pixmill-postgres-"))
    server = Postgres(directory, find_free_port(), schema=tmp_path / "schema.sql")
    try:
        with pytest.raises(PostgresError, match="division by zero"):
            server.start()
        assert not server.data.exists()
    finally:
        shutil.rmtree(directory)


def test_a_failure_to_start_says_why(server: Postgres, directory: Path) -> None:
    server.stop()
    taken = Postgres(Path(tempfile.mkdtemp(prefix="pixmill-postgres-")), find_free_port())
    taken.start()
    try:
        with pytest.raises(PostgresError, match="could not bind"):
            Postgres(directory, taken.port).start()
    finally:
        taken.stop()
        shutil.rmtree(taken.directory)


def test_data_of_another_version_is_left_alone(server: Postgres, directory: Path) -> None:
    server.stop()
    version = directory / "data" / "PG_VERSION"
    version.write_text("12\n")
    try:
        with pytest.raises(PostgresError, match="belongs to PostgreSQL 12"):
            server.start()
    finally:
        version.write_text("18\n")
