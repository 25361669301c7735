"""The command on a whole stack: signals that really come, and what is left of a build then."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from pixmill.command.local import LocalSystem, Running
from pixmill.command.profiles import Profiles

from tests.sites import Site, photo
from tests.stacks import RunningStack, wait_for_value

ROOT = Path(__file__).resolve().parents[2]
# Shells have what they start in the background ignore SIGINT, and so would all that tests start.
_RUN = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from pixmill.command.main import main; main()"
)


def test_ctrl_c_leaves_a_build_that_goes_on(
    stack: RunningStack, photo_site: Site, tmp_path: Path
) -> None:
    system = LocalSystem(stack.state)
    running = system.find_running()
    assert stack.process is not None
    assert running == Running(stack.process.pid, stack.addresses.base_url)
    assert system.start() == running  # it is there already
    profiles = Profiles(tmp_path / "config")
    profile = system.sign_in(profiles, running)
    assert system.sign_in(profiles, running) == profile

    gate = threading.Event()
    path = f"/{tmp_path.name}/slow.jpg"  # the site serves other runs of this test, too
    slow = photo_site.put(path, photo(7), gate=gate)
    (tmp_path / "cats.txt").write_text("\n".join([*photo_site.photos(3), slow]))
    command = [sys.executable, "-c", _RUN, "build", "cats.txt", "--out", "cats", "--json"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "client"),
        "PIXMILL_CONFIG": str(tmp_path / "config"),
        "PIXMILL_STATE": str(stack.state),
    }
    first = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for_value(lambda: photo_site.hits[path], 120)
        first.send_signal(signal.SIGINT)
        _, said = first.communicate(timeout=120)
    finally:
        first.kill()  # where it has not ended
    assert first.returncode == 130, said
    assert "The same command goes on where it was" in json.loads(said)["error"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("cats.building", "cats.txt", "config"),
    ]
    gate.set()
    for stage in ("export", "download"):
        assert "goes on where it was" in interrupt(command, stage, tmp_path, environment)
        assert not (tmp_path / "cats").exists()
    second = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert second.returncode == 0, second.stderr
    assert json.loads(second.stdout)["images"] == 4
    assert photo_site.hits[path] == 1
    assert not (tmp_path / "cats.building").exists()


def interrupt(command: list[str], stage: str, folder: Path, environment: dict[str, str]) -> str:
    """Send a build a SIGINT while it is at a stage; return its error."""
    held = (
        "import pixmill.command.stages as stages\n"
        f"stages.{stage} = lambda *_: [print('held', flush=True), signal.pause()]\n"
    )
    code = _RUN.replace("\n", f"\n{held}", 1)
    build = subprocess.Popen(
        [command[0], "-c", code, *command[3:]],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert build.stdout is not None
        assert build.stdout.readline() == "held\n"
        build.send_signal(signal.SIGINT)
        _, said = build.communicate(timeout=120)
    finally:
        build.kill()  # where it has not ended
    assert build.returncode == 130, said
    return str(json.loads(said.splitlines()[-1])["error"])
