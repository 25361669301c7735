"""Signals end the stack."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WATCH = """
import time
from infra.local.ending import make_is_interrupted
print("watching", flush=True)
while not make_is_interrupted():
    time.sleep(0.05)
"""
LISTEN = """
import signal
from infra.local.ending import listen
listen()
print(signal.getitimer(signal.ITIMER_REAL))
"""


def test_make_that_is_interrupted_alone_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "watch.py").write_text(WATCH)
    (tmp_path / "Makefile").write_text(f"up:\n\t@{sys.executable} {tmp_path}/watch.py\n")
    make = subprocess.Popen(
        ["make", "--silent", "--directory", str(tmp_path), "up"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert make.stdout is not None
    with make.stdout:
        assert make.stdout.readline() == b"watching\n"
    make.send_signal(signal.SIGINT)
    assert make.wait(60) != 0


def test_only_make_is_watched() -> None:
    """Others block signals for reasons of their own: Python does while it starts a process."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        listened = subprocess.run(
            [sys.executable, "-c", LISTEN],
            cwd=ROOT,
            env=os.environ | {"MAKELEVEL": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert listened.stdout == "(0.0, 0.0)\n"
