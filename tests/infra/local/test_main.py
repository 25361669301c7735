"""Signals end the stack whenever they come, and whoever gets them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from infra.local.children import find_free_port
from tests.stacks import temporary_state, wait_for_value

ROOT = Path(__file__).resolve().parents[3]
LOOK = """
import signal
from infra.local.__main__ import main
print(main(), signal.getitimer(signal.ITIMER_REAL))
"""


def test_make_is_no_longer_watched_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "look.py").write_text(LOOK)
    (tmp_path / "Makefile").write_text(f"up:\n\t@{sys.executable} {tmp_path}/look.py\n")
    looked = subprocess.run(
        ["make", "--silent", "--directory", str(tmp_path), "up"],
        env=os.environ | {"PYTHONPATH": str(ROOT), "PIXMILL_PORT": "none"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert looked.stdout == "1 (0.0, 0.0)\n"


@pytest.mark.parametrize("by_make", [False, True])
def test_a_start_can_be_interrupted(by_make: bool, tmp_path: Path) -> None:
    """By a signal to itself, or to the `make` that runs it and does not pass it on."""
    (tmp_path / "Makefile").write_text(f"up:\n\t@{sys.executable} -m infra.local\n")
    own = [sys.executable, "-m", "infra.local"]
    make = ["make", "--silent", "--file", str(tmp_path / "Makefile"), "up"]
    with temporary_state() as state:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "MAKELEVEL")
        } | {"PIXMILL_STATE": str(state), "PIXMILL_PORT": str(find_free_port())}
        started = subprocess.Popen(
            make if by_make else own,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        parts = wait_for_value(lambda: postgres_below(started.pid))
        started.send_signal(signal.SIGINT)
        said, _ = started.communicate(timeout=60)
        assert said == b""  # so it had not started yet
        assert (started.returncode == 0) is not by_make  # make tells of its own interruption
        _, alive = psutil.wait_procs(parts, timeout=10)
        assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


def postgres_below(pid: int) -> list[psutil.Process]:
    """All processes below one, when the database is among them."""
    try:
        below = psutil.Process(pid).children(recursive=True)
        return below if any("postgres" in one.name() for one in below) else []
    except psutil.NoSuchProcess:  # one ended between the two looks
        return []
