"""The command, run in this process against an installation that listens."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pixmill.command.main import main

from tests.client.conftest import address, key, project, site

__all__ = ["address", "key", "project", "site"]

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command with files of its own, where nobody is signed in."""
    for name in ("PIXMILL_URL", "PIXMILL_KEY", "PIXMILL_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIXMILL_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("PIXMILL_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PIXMILL_ATTEMPTS", "1")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(arguments: Sequence[str], stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, prog_name="pixmill")

    return run


@pytest.fixture
def signed_in(run: Run, address: str, key: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command as somebody who has a key."""
    monkeypatch.setenv("PIXMILL_URL", address)
    monkeypatch.setenv("PIXMILL_KEY", key)
    return run
