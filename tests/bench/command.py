"""From a table of 500 addresses to a dataset by one command, against img2dataset for the same list.

Installation is not counted. Both run in turn, so that what else the machine does meets both.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.client.wheel import (
    build_wheel,
    find_settings,
    make_environment,
    run,
    write_table,
)
from tests.sites import serve
from tests.stacks import temporary_state

_ROUNDS = 3
_DEAD = 100  # of the table's 500 addresses
_PEER = "img2dataset==1.47.0"
_BUILD = (
    *("build", "cats.csv", "--url-column", "url", "--label-column", "label", "--size", "224"),
    *("--splits", "train=0.8,test=0.2", "--out", "cats", "--json"),
)
_PEERS = (
    *("--url_list", "cats.csv", "--input_format", "csv", "--url_col", "url"),
    *("--image_size", "224", "--resize_mode", "center_crop", "--output_folder", "theirs"),
)


def measure() -> None:
    """Print medians of seconds and of CPU seconds, and their ratios."""
    python = os.environ.get("PYTHON") or sys.executable
    with tempfile.TemporaryDirectory(prefix="pixmill-") as name, serve() as site:
        folder = Path(name)
        ours = make_environment(folder / "ours", python, f"{build_wheel(folder)}[local]")
        # On a Python of its own: it does not start on 3.13, which has no `imghdr` any more.
        peer = make_environment(folder / "peer", sys.executable, _PEER)
        write_table(site, folder / "cats.csv")
        figures: dict[str, list[tuple[float, float]]] = {}
        for _ in range(_ROUNDS):
            with temporary_state() as state:
                settings = find_settings(folder, state, site)
                pixmill = ours / "bin" / "pixmill"
                try:
                    for kind in ("first", "again"):  # the system starts with the first build
                        shutil.rmtree(folder / "cats", ignore_errors=True)
                        before = _measure_system(state)
                        wall, cpu, said = _time([pixmill, *_BUILD], folder, settings)
                        built = json.loads(said)
                        assert built["failed_addresses"] == _DEAD, built
                        spent = cpu + _measure_system(state) - before
                        figures.setdefault(kind, []).append((wall, spent))
                finally:
                    _time([pixmill, "down"], folder, settings)
            shutil.rmtree(folder / "config")
            shutil.rmtree(folder / "theirs", ignore_errors=True)
            img2dataset = [peer / "bin" / "img2dataset", *_PEERS]
            wall, cpu, _ = _time(img2dataset, folder, dict(os.environ))
            _check_peer(folder / "theirs")
            figures.setdefault("peer", []).append((wall, cpu))
    medians = {
        kind: [statistics.median(column) for column in zip(*rows, strict=True)]
        for kind, rows in figures.items()
    }
    print(f"  load of this machine in the last 15 minutes: {os.getloadavg()[2]:.1f}")
    wall, cpu = medians.pop("peer")
    print(f"  {_PEER}: {wall:.1f} s, CPU {cpu:.1f} s")
    for kind, (own_wall, own_cpu) in medians.items():
        print(
            f"  pixmill, {kind}: {own_wall:.1f} s, {own_wall / wall:.2f} x; "
            f"CPU {own_cpu:.1f} s, {own_cpu / cpu:.2f} x"
        )


def _check_peer(folder: Path) -> None:
    """Fail where img2dataset did not bring every picture that there is: it ends well even so."""
    counts = [json.loads(file.read_text()) for file in folder.glob("*_stats.json")]
    assert sum(one["count"] for one in counts) == 5 * _DEAD, counts
    assert sum(one["successes"] for one in counts) == 4 * _DEAD, counts


def _time(
    command: list[object], folder: Path, settings: dict[str, str]
) -> tuple[float, float, bytes]:
    """Run a command; return its seconds, those of CPU with what it has waited for, and output."""
    before, started = os.times(), time.monotonic()
    done = run(command, cwd=folder, env=settings, capture_output=True)
    after, wall = os.times(), time.monotonic() - started
    children = after.children_user + after.children_system
    return wall, children - before.children_user - before.children_system, done.stdout


def _measure_system(state: Path) -> float:
    """Return the CPU seconds of a system that runs, with all that has ended in it."""
    try:
        told = json.loads((state / "lock").read_text())
    except FileNotFoundError:
        return 0.0
    main = psutil.Process(told["pid"])
    times = [process.cpu_times() for process in [main, *main.children(recursive=True)]]
    ended = times[0].children_user + times[0].children_system
    return ended + sum(one.user + one.system for one in times)
