"""The page about backups, pasted into a shell; and a folder of a release that is to come."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from infra.local.addresses import Addresses
from shared.database.driver import to_pg8000_url
from tests.stacks import temporary_state

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "backup.md"
_CLEARED = ("PIXMILL_URL", "PIXMILL_KEY", "PIXMILL_STATE", "DATABASE_URL", "PIXMILL_PORT")


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a home in which `pixmill` is a command; the system there is ended afterwards."""
    with temporary_state() as folder:
        tools = folder / "bin"
        tools.mkdir(parents=True)
        (tools / "pixmill").write_text(
            f'#!/bin/sh\nPYTHONPATH={ROOT / "client"} exec {sys.executable} -m pixmill "$@"\n'
        )
        (tools / "pixmill").chmod(0o755)
        try:
            yield folder
        finally:
            run_shell(folder, "pixmill down")


def run_shell(home: Path, lines: str, status: int = 0) -> str:
    """Run lines as somebody would who lives there; return what they said."""
    environment = {name: value for name, value in os.environ.items() if name not in _CLEARED} | {
        "HOME": str(home),
        "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
        "PIXMILL_CONFIG": str(home / "config"),
        "PIXMILL_PUBSUB": "embedded",
    }
    done = subprocess.run(
        ["bash", "-euc", lines], cwd=home, env=environment, capture_output=True, text=True
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_what_was_packed_is_there_again(home: Path) -> None:
    back_up, restore = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.M)
    run_shell(home, "pixmill up; pixmill keys --create kept > key.txt")
    before = run_shell(home, "pixmill keys")
    assert "kept" in before
    run_shell(home, back_up)
    run_shell(home, "pixmill keys --create later > key.txt")
    assert "later" in run_shell(home, "pixmill keys")
    run_shell(home, restore)
    after = run_shell(home, "pixmill keys")
    assert "kept" in after
    assert "later" not in after

    state = home / ".local" / "share" / "pixmill"
    addresses = Addresses.read(state)
    assert addresses is not None
    url, arguments = to_pg8000_url(addresses.database_url)
    engine = create_engine(url, connect_args=arguments)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of-tomorrow'"))
    engine.dispose()
    said = run_shell(home, "pixmill down; pixmill up", status=1)
    assert f"{state} was used by a newer Pixmill" in said
    assert "Install that one, or set PIXMILL_STATE to another folder." in said
