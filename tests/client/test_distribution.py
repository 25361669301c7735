"""The wheel carries all of the system that `pixmill up` needs, and puts nothing beside itself."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from pixmill.command.local import LocalSystem, find_root
from pixmill.command.refusals import Refusal

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text())
CARRIED = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]


def test_all_that_is_carried_lies_below_the_package() -> None:
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["pixmill"]
    assert all(target.startswith("pixmill/_system/") for target in CARRIED.values())


def test_pip_refuses_a_python_that_the_system_does_not_run_on() -> None:
    system = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert PROJECT["project"]["requires-python"] == system["project"]["requires-python"]


def test_the_system_runs_from_what_is_carried_alone(tmp_path: Path) -> None:
    for source, target in CARRIED.items():
        origin, copy = ROOT / "client" / source, tmp_path / target
        copy.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, copy)
    root = tmp_path / "pixmill" / "_system"
    code = (
        "import infra.local.__main__, infra.local.hosts, infra.local.topics, infra.local.schedule\n"
        "import infra.emulators.storage.__main__, infra.emulators.pubsub.__main__\n"
        "import functions.web.openapi, migrations.connect\n"
        "from shared.operations.discovery import list_functions\n"
        "functions.web.openapi.handle()\n"
        "print(len(list_functions()), infra.local.hosts.__file__)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    count, file = done.stdout.split()
    assert int(count) > 100
    assert file.startswith(str(root))


def test_a_clone_runs_itself() -> None:
    assert find_root() == ROOT


def test_a_system_that_ends_at_once_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXMILL_PUBSUB", "kafka")
    system = LocalSystem(tmp_path / "state")
    with pytest.raises(Refusal, match="PIXMILL_PUBSUB must be embedded"):
        system.start(port=20_001)
    assert system.find_running() is None
    assert not system.stop()
