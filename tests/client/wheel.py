"""`make test-wheel [PYTHON=…]`: install the wheel in an empty environment, and build a dataset."""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import datasets

from tests.sites import Site, photo, serve
from tests.stacks import temporary_state

ROOT = Path(__file__).resolve().parents[2]
_ADDRESSES = 500
_OURS = ("functions", "infra", "migrations", "shared", "tests")


def main(python: str = sys.executable) -> None:
    """Run all in an environment of a Python, and print the figures."""
    with tempfile.TemporaryDirectory(prefix="pixmill-") as name, temporary_state() as state:
        folder = Path(name)
        wheel = build_wheel(folder)
        environment = make_environment(folder / "environment", python, f"{wheel}[local]")
        (site_packages,) = environment.glob("lib/python*/site-packages")
        assert not [name for name in _OURS if (site_packages / name).exists()]
        print(f"{wheel.name}: {wheel.stat().st_size:,} bytes")
        with serve() as site:
            write_table(site, folder / "cats.csv")
            build_dataset(environment / "bin" / "pixmill", folder, state, site)


def build_wheel(folder: Path) -> Path:
    """Build the distribution; return its file."""
    uv = Path(sys.executable).with_name("uv")
    run([uv, "build", "--wheel", ROOT / "client", "--out-dir", folder, "--quiet"])
    (wheel,) = folder.glob("*.whl")
    return wheel


def make_environment(folder: Path, python: str, requirement: str) -> Path:
    """Install something into an empty environment, as somebody would; return its folder."""
    run([python, "-m", "venv", folder])
    run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", requirement])
    return folder


def write_table(site: Site, path: Path) -> None:
    """Write a table of photographs with dead addresses, copies and near copies among them."""
    distinct = _ADDRESSES * 8 // 10 // 4
    rows = [
        (site.put(f"/{side}/{number}.jpg", photo(number, side=side)), f"class {number % 3}")
        for number in range(distinct)
        for side in (320, 300, 160, 320)
    ]
    while len(rows) < _ADDRESSES:
        rows.append((f"{site.base_url}/dead/{len(rows)}.jpg", "class 0"))
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("url", "label"), *rows])


def build_dataset(pixmill: Path, folder: Path, state: Path, site: Site) -> None:
    """Run the command as somebody would, and read what it built."""
    allowed = site.base_url.removeprefix("http://")
    environment = {
        **find_settings(folder, state, site),
        "PIXMILL_CRAWL_HOST_LIMITS": f"{allowed}=32",
    }
    build = [
        *(pixmill, "build", "cats.csv", "--url-column", "url", "--label-column", "label"),
        *("--dedup", "perceptual", "--size", "224", "--splits", "train=0.8,test=0.2"),
        *("--out", "cats", "--json"),
    ]
    try:
        run([pixmill, "up"], cwd=folder, env=environment)
        started = time.monotonic()
        done = run(build, cwd=folder, env=environment, capture_output=True)
        seconds = time.monotonic() - started
    finally:
        run([pixmill, "down"], cwd=folder, env=environment)
    print(done.stderr.decode())
    summary = json.loads(done.stdout)
    loaded = datasets.load_dataset(str(folder / "cats"), cache_dir=str(folder / "cache"))
    assert {split: rows.num_rows for split, rows in loaded.items()} == summary["splits"]
    assert loaded["train"][0]["image"].size == (224, 224)
    assert summary["failed_addresses"] == _ADDRESSES // 5
    print(f"{_ADDRESSES} addresses, {summary['images']} images, {seconds:.1f} s")


def find_settings(folder: Path, state: Path, site: Site) -> dict[str, str]:
    """Return an environment in which the command keeps to these folders and may ask the site."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        "PIXMILL_STATE": str(state),
        "PIXMILL_CONFIG": str(folder / "config"),
        "PIXMILL_CRAWL_ALLOW": site.base_url.removeprefix("http://"),
    }


def run(command: list[object], **options: object) -> "subprocess.CompletedProcess[bytes]":
    """Run a command; raise an error where it fails."""
    return subprocess.run(list(map(str, command)), check=True, **options)  # type: ignore[call-overload,no-any-return]


if __name__ == "__main__":
    main(*sys.argv[1:])
