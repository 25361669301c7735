"""The release that `make test-upgrade` tests from when none is named."""

import subprocess
from pathlib import Path

import pytest

from tests.migrations.previous import find_commit_before, newest_tag


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, "main.py")
    return tmp_path


def git(where: Path, *arguments: str) -> str:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    found = subprocess.run(
        ["git", *who, *arguments], cwd=where, check=True, capture_output=True, text=True
    )
    return found.stdout.strip()


def commit(where: Path, file: str) -> str:
    """Add a file; return the commit."""
    path = where / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(file)
    git(where, "add", file)
    git(where, "commit", "--quiet", "--message", file)
    return git(where, "rev-parse", "--short", "HEAD")


def test_the_newest_release_before_this_commit(repository: Path) -> None:
    assert newest_tag(repository) == ""
    git(repository, "tag", "v1.2.0")
    commit(repository, "more.py")
    git(repository, "tag", "v1.3.0")
    git(repository, "tag", "nightly")
    assert newest_tag(repository) == "v1.2.0"


def test_without_a_release_the_code_before_the_newest_migration(repository: Path) -> None:
    assert find_commit_before(repository) == ""
    commit(repository, "migrations/versions/0001_foundations.py")
    before = commit(repository, "more.py")
    commit(repository, "migrations/versions/0002_accounts.py")
    commit(repository, "migrations/README.md")
    assert find_commit_before(repository) == before


def test_a_history_that_begins_with_a_migration(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, "migrations/versions/0001_foundations.py")
    assert find_commit_before(tmp_path) == ""
