"""Child processes end when they are told to, with all that they have started."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra.local import children
from infra.local.children import Child, StackError, find_free_port, is_accepting, is_free
from tests.stacks import wait_for_value

ROOT = Path(__file__).resolve().parents[3]
SLEEP = "import time; time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}])"


def start(tmp_path: Path, code: str) -> Child:
    return Child("a part", [sys.executable, "-c", code], os.environ, tmp_path / "log")


def test_a_child_is_ended_within_its_grace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "STOP_GRACE", 0.3)
    child = start(tmp_path, f"{STUBBORN}; {SLEEP}")
    wait_for_value(lambda: "deaf" in (tmp_path / "log").read_text())
    started = time.monotonic()
    child.stop()
    child.stop()
    assert not child.is_running()
    assert 0.2 < time.monotonic() - started < 30


def test_what_a_child_has_started_ends_with_it(tmp_path: Path) -> None:
    child = start(tmp_path, f"{PARENT}; {SLEEP}")
    (grandchild,) = wait_for_value(psutil.Process(child.process.pid).children)
    child.stop()
    wait_for_value(lambda: not grandchild.is_running() or grandchild.status() == "zombie")


def test_the_number_of_a_child_that_has_ended_is_not_signalled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = start(tmp_path, "pass")
    child.process.wait()
    killed: list[object] = []
    monkeypatch.setattr(os, "killpg", lambda *signalled: killed.append(signalled))
    child.stop()
    assert not killed


def test_a_child_that_ends_at_once_names_its_log(tmp_path: Path) -> None:
    child = start(tmp_path, "raise SystemExit('no')")
    with pytest.raises(StackError, match=r"a part ended at once; see .*log"):
        child.await_ready(lambda: False)
    assert (tmp_path / "log").read_text().strip() == "no"


def test_a_child_that_is_never_ready(tmp_path: Path) -> None:
    child = start(tmp_path, SLEEP)
    try:
        with pytest.raises(StackError, match="not ready after 0 s"):
            child.await_ready(lambda: False, deadline=0.2)
    finally:
        child.stop()


def test_ports() -> None:
    port = find_free_port()
    assert is_free(port)
    assert not is_accepting(port)


def test_a_function_runs_in_a_copy_with_files_and_signals_of_its_own(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from infra.local.children import Child\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('of the parent', flush=True))\n"
        "kept = open(sys.argv[1] + '/kept', 'w')\n"
        "def work():\n"
        "    print(os.environ['NAME'], os.getsid(0) == os.getpid(), flush=True)\n"
        "    print(*sorted(os.listdir('/dev/fd'))[:3], flush=True)\n"
        "    try: os.fstat(kept.fileno())\n"
        "    except OSError as error: print(error.strerror, flush=True)\n"
        "    signal.pause()\n"
        "log = Path(sys.argv[1], 'log')\n"
        "child = Child('a part', work, {'NAME': 'cats'}, log)\n"
        "child.await_ready(lambda: 'descriptor' in log.read_text())\n"
        "child.stop()\n"
        "print(child.process.returncode)\n"
        "for work in (lambda: sys.exit(3), lambda: 1 / 0, lambda: None):\n"
        "    print(Child('a part', work, {}, log).process.wait())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.split() == ["-15", "3", "1", "0"], done.stderr
    said = (tmp_path / "log").read_text().splitlines()
    assert said[:3] == ["cats True", "0 1 2", "Bad file descriptor"]
    assert said[-1] == "ZeroDivisionError: division by zero"
