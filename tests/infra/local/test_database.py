"""A database that cannot be used is refused in one line that says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from infra.local.children import StackError, find_free_port
from infra.local.database import check_database
from tests.databases import execute

ROOT = Path(__file__).resolve().parents[3]
SECRET = "hush-hush"


def refusal(url: str) -> str:
    """Return what is said of a database; one line without the password."""
    with pytest.raises(StackError) as refused:
        check_database(url)
    said = str(refused.value)
    assert len(said.splitlines()) == 1
    assert SECRET not in said
    assert "DATABASE_URL" in said
    return said


def change_url(
    url: str,
    *,
    username: str | None = None,
    password: str | None = None,
    database: str | None = None,
) -> str:
    """Return the address with other parts."""
    parts = make_url(url).set(username=username, password=password, database=database)
    return parts.render_as_string(hide_password=False)


def test_one_that_answers_is_taken(database_url: str) -> None:
    check_database(database_url)
    check_database(database_url.replace("postgresql://", "postgres://"))


def test_a_wrong_password(database_url: str) -> None:
    assert "refuses the password of pixmill" in refusal(change_url(database_url, password=SECRET))


def test_an_account_without_a_password(database_url: str) -> None:
    said = refusal(f"postgresql://pixmill@127.0.0.1:{make_url(database_url).port}/pixmill")
    assert "wants a password" in said


def test_an_account_that_may_not_enter(database_url: str) -> None:
    execute(database_url, f"CREATE ROLE visitor NOLOGIN PASSWORD '{SECRET}'")
    try:
        visitor = change_url(database_url, username="visitor", password=SECRET)
        assert "lets no visitor in" in refusal(visitor)
    finally:
        execute(database_url, "DROP ROLE visitor")


def test_an_unknown_database(database_url: str) -> None:
    assert "has no database nowhere" in refusal(change_url(database_url, database="nowhere"))


def test_a_database_that_takes_no_connections(database_url: str) -> None:
    execute(database_url, "CREATE DATABASE closed ALLOW_CONNECTIONS false")
    try:
        said = refusal(change_url(database_url, database="closed"))
        assert "not currently accepting connections" in said
    finally:
        execute(database_url, "DROP DATABASE closed")


def test_nothing_listens() -> None:
    port = find_free_port()
    said = refusal(f"postgresql://pixmill:{SECRET}@127.0.0.1:{port}/pixmill")
    assert f"127.0.0.1:{port} cannot be reached" in said
    assert "refused" in said


@pytest.mark.parametrize(
    "wrong", ["pixmill", f"mysql://u:{SECRET}@h/d", f"postgresql://u:{SECRET}@h:x/d"]
)
def test_what_is_no_address(wrong: str) -> None:
    assert "must be like postgresql://" in refusal(wrong)


def test_the_stack_says_so_and_ends(database_url: str, tmp_path: Path) -> None:
    environment = os.environ | {
        "DATABASE_URL": change_url(database_url, password=SECRET),
        "PIXMILL_STATE": str(tmp_path / "state"),
        "PIXMILL_PORT": str(find_free_port()),
    }
    done = subprocess.run(
        [sys.executable, "-m", "infra.local"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("pixmill: PostgreSQL at 127.0.0.1:")
    assert "refuses the password" in line
