"""`make test-upgrade`: the previous release's code, and its own tests, on today's schema.

The release is taken from git and gets today's migrations; nothing else of it is changed. With what
it requires, its tests of functions then show that it goes on while a new release is deployed.
"""

import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_WHERE = ROOT / "build" / "previous"
# What upgrades: the steps, and the module that they import.
_STEPS = ("migrations/versions", "migrations/comments.py")
_REQUIREMENTS = "requirements/dev.txt"


def main(arguments: list[str]) -> int:
    """Return the exit status; `arguments` names a release (tag or commit), else one is found."""
    release = arguments[0] if arguments else newest_tag(ROOT)
    if not release:
        release = find_commit_before(ROOT)
        if not release:
            print("No tag such as v1.2.0 is here, nor an older commit (git fetch --unshallow?).")
            return 2
        print("No tag such as v1.2.0 is here (git fetch --tags?): from before the last migration.")
    shutil.rmtree(_WHERE, ignore_errors=True)
    archive = subprocess.run(
        ["git", "archive", "--format=tar", release], cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(_WHERE, filter="data")
    for steps in _STEPS:
        _replace(_WHERE / steps, ROOT / steps)
    print(f"The tests of {release}'s functions, on today's schema:", flush=True)
    command = [
        _python(),
        "-m",
        "pytest",
        "-q",
        "-n",
        "2",
        "--dist",
        "loadfile",
        "-p",
        "no:randomly",
    ]
    return subprocess.run([*command, "tests/functions"], cwd=_WHERE, check=False).returncode


def newest_tag(repository: Path) -> str:
    """Return the newest release before this commit, or nothing."""
    return _git(repository, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "HEAD^")


def find_commit_before(repository: Path) -> str:
    """Return the commit before the one that added the newest step, or nothing."""
    added = _git(repository, "log", "-1", "--diff-filter=A", "--format=%h", "--", _STEPS[0])
    return _git(repository, "rev-parse", "--verify", "--short", f"{added}^") if added else ""


def _git(repository: Path, *arguments: str) -> str:
    """Return what git prints, or nothing where it fails."""
    command = ["git", *arguments]
    found = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else ""


def _replace(path: Path, today: Path) -> None:
    if today.is_dir():
        shutil.rmtree(path)
        shutil.copytree(today, path, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(today, path)


def _python() -> str:
    """Return a Python with what the release requires."""
    if (_WHERE / _REQUIREMENTS).read_bytes() == (ROOT / _REQUIREMENTS).read_bytes():
        return sys.executable
    environment = _WHERE / ".venv"
    uv = [sys.executable, "-m", "uv", "--no-config", "--quiet"]
    subprocess.run([*uv, "venv", "--python", sys.executable, environment], check=True)
    python = str(environment / "bin" / "python")
    subprocess.run(
        [*uv, "pip", "install", "--python", python, "--require-hashes", "-r", _REQUIREMENTS],
        cwd=_WHERE,
        check=True,
    )
    return python


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
