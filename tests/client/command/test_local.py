"""The system of this machine: started, found, ended, and its account."""

import fcntl
import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest
from pixmill.command.local import LocalSystem, Running
from pixmill.command.profiles import Profiles, write_private
from pixmill.command.refusals import Refusal

from tests.client.command.conftest import Run
from tests.sites import Reply, Site


def test_an_account_is_opened_once(tmp_path: Path, run: Run, address: str) -> None:
    system, profiles = LocalSystem(tmp_path), Profiles(tmp_path / "config")
    # An earlier start was interrupted before the account was opened.
    account = {"email": "me@pixmill.local", "password": "long enough 1"}
    write_private(tmp_path / "account.json", account)
    first = system.sign_in(profiles, Running(1, address))
    assert system.sign_in(profiles, Running(1, address)) == first
    profiles.by_name.clear()  # the key is lost
    second = system.sign_in(profiles, Running(1, address))
    assert second.url == first.url
    assert second.key != first.key
    assert run(["keys"]).exit_code == 0


def test_a_system_that_fails_says_where_to_look(tmp_path: Path, site: Site) -> None:
    site.replies["/v1/users"] = Reply(b"", "text/plain", status=500)
    with pytest.raises(Refusal, match=r"answered 5\d\d.*says why in .*logs"):
        LocalSystem(tmp_path).sign_in(Profiles(tmp_path / "config"), Running(1, site.base_url))


# What a system does that `LocalSystem` sees, in the place of one that takes many seconds.
_STAND_IN = """
import fcntl, json, os, signal, sys, time
lock = open(os.environ["PIXMILL_STATE"] + "/lock", "a")
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    sys.exit("pixmill: A stack runs already.")
lock.truncate(0)
print(json.dumps({"pid": os.getpid(), "base_url": os.environ["ADDRESS"]}), file=lock, flush=True)
print("Ctrl-C stops it", flush=True)
signal.pause()
"""


@pytest.fixture
def stand_in(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `pixmill up` start a stand-in for the system, whose API is the installation's."""
    code = tmp_path / "system" / "infra" / "local" / "__main__.py"
    code.parent.mkdir(parents=True)
    code.write_text(_STAND_IN)
    monkeypatch.setattr("pixmill.command.local.find_root", lambda: tmp_path / "system")
    monkeypatch.setenv("ADDRESS", address)


def test_it_is_started_found_and_ended(
    run: Run, stand_in: None, address: str, tmp_path: Path
) -> None:
    assert "local     not up" in run(["status"]).stdout
    assert run(["down"]).stdout == "It did not run.\n"
    first = run(["up"])
    assert f"Pixmill runs at {address}" in first.stdout, first.output
    try:
        second = json.loads(run(["up", "--json"]).stdout)
        assert run(["up"]).stdout.startswith(f"Pixmill runs already at {address}")
        told = json.loads(run(["status", "--json"]).stdout)
        assert told["local"] == {"url": address, "state": str(tmp_path / "state")}
        assert told["deployment"] == {"url": address, "health": "answers"}
        assert LocalSystem().find_running() == Running(second["pid"], address)
    finally:
        ended = run(["down", "--json"])
    assert json.loads(ended.stdout) == {"was_running": True}
    assert LocalSystem().find_running() is None
    assert stat_of(tmp_path / "state" / "account.json") == 0o600


def stat_of(path: Path) -> int:
    """Return who may do what with a file."""
    return path.stat().st_mode & 0o777


def test_what_was_killed_does_not_run_and_nobody_else_is_ended(
    run: Run, stand_in: None, tmp_path: Path
) -> None:
    pid = json.loads(run(["up", "--json"]).stdout)["pid"]
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    told = json.loads((tmp_path / "state" / "lock").read_text())
    told["pid"] = os.getpid()  # the number is another's by now
    (tmp_path / "state" / "lock").write_text(json.dumps(told))
    assert run(["down"]).stdout == "It did not run.\n"
    assert "local     not up" in run(["status"]).stdout


def test_of_two_starts_at_once_one_waits_for_the_other(
    run: Run, stand_in: None, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = LocalSystem()
    find, answers = LocalSystem.find_running, iter([None])
    first = system.start()
    # It looks before the first one has its lock.
    monkeypatch.setattr(LocalSystem, "find_running", lambda one: next(answers, find(one)))
    assert system.start() == first
    monkeypatch.undo()
    assert system.stop()


def test_a_system_that_does_not_say_where_it_is(run: Run, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    with (tmp_path / "state" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for command in ("up", "down", "status"):
            result = run([command, "--json"])
            assert "does not say where" in json.loads(result.stderr)["error"]
            assert result.exit_code == 1


def test_a_port_that_is_taken_is_named(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        started = time.monotonic()
        result = run(["up", "--port", str(port)])
    assert f"Port {port} is taken" in result.output
    assert result.exit_code == 1
    assert time.monotonic() - started < 60
