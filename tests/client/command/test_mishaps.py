"""Mishaps of a build: each ends with a sentence, and the same command goes on behind it."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pixmill
import pytest
from pixmill import operations
from pixmill.command import stages

from tests.client.command.conftest import Run
from tests.sites import Site, photo

BUILD = ["build", "cats.txt", "--out", "cats", "--json"]
Before = Callable[[str, Callable[[], None]], None]


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Before:
    """Let something happen once, before a stage."""

    def set_up(name: str, happen: Callable[[], None]) -> None:
        stage, left = getattr(stages, name), [happen]

        def run(*given: Any) -> Any:
            if left:
                left.pop()()
            return stage(*given)

        monkeypatch.setattr(stages, name, run)

    return set_up


@pytest.fixture
def build(signed_in: Run, site: Site, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Run a build of two photographs; return its exit code, and its error if it has one."""
    (tmp_path / "cats.txt").write_text("\n".join(site.photos(2)))

    def run(*more: str) -> tuple[int, str]:
        result = signed_in([*BUILD, *more])
        if result.exit_code == 0:
            return 0, ""
        return result.exit_code, json.loads(result.stderr.splitlines()[-1])["error"]

    return run


def list_crawls(client: pixmill.Client) -> list[Any]:
    """Return the crawl jobs of all projects."""
    return [
        job
        for project in client.list_projects()
        for job in client.iterate(operations.crawls_list(project.id))
    ]


def test_a_crawl_that_somebody_cancels_is_asked_for_anew(
    build: Callable[..., tuple[int, str]], before: Before, client: pixmill.Client
) -> None:
    def cancel() -> None:
        (job,) = list_crawls(client)
        # The installation has done it already: the answer is made to say that it was cancelled.
        assert job["status"] == "completed"
        raise pixmill.JobFailed({**job, "status": "cancelled"})

    before("crawl", cancel)
    code, error = build()
    assert code == 1
    assert "cancelled" in error
    assert build() == (0, "")
    assert len(list_crawls(client)) == 2


def test_a_project_that_somebody_deletes(
    build: Callable[..., tuple[int, str]], before: Before, client: pixmill.Client
) -> None:
    def delete() -> None:
        (project,) = client.list_projects()
        client.send(operations.projects_delete(project.id))

    before("version", delete)
    assert build()[0] == 1
    code, error = build()
    assert code == 1
    assert "somebody has deleted it" in error
    assert "Remove cats.building, and run the same again" in error


def test_a_key_that_is_revoked(
    build: Callable[..., tuple[int, str]],
    before: Before,
    client: pixmill.Client,
    monkeypatch: pytest.MonkeyPatch,
    site: Site,
) -> None:
    other = client.send(operations.accounts_api_key_create({"name": "other"}))["key"]

    def revoke() -> None:
        for row in list(client.iterate(operations.accounts_api_key_list())):
            if row["name"] == "client":
                client.send(operations.accounts_api_key_revoke(row["id"]))

    before("export", revoke)
    code, error = build()
    assert code == 1
    assert "is wrong, or has expired. Sign in again with pixmill login" in error
    monkeypatch.setenv("PIXMILL_KEY", other)
    assert build() == (0, "")
    assert site.hits["/photos/0.jpg"] == 1


@pytest.mark.parametrize(
    ("stage", "number", "says"),
    [
        ("download", errno.ENOSPC, "is full. Make room, and run the same again: it goes on"),
        ("download", errno.EIO, "Input/output error"),
        ("export", errno.EACCES, "must not be written or read by this account"),
    ],
)
def test_a_disk_that_fails(
    build: Callable[..., tuple[int, str]], before: Before, stage: str, number: int, says: str
) -> None:
    def fail() -> None:
        raise OSError(number, os.strerror(number), "cats.building/archive/cats.zip")

    before(stage, fail)
    code, error = build()
    assert (code, says in error) == (1, True), error
    assert build() == (0, "")


def test_a_server_that_goes_away(build: Callable[..., tuple[int, str]], before: Before) -> None:
    def leave() -> None:
        raise pixmill.Unreachable("http://127.0.0.1:9 cannot be reached: refused.", was_sent=False)

    before("version", leave)
    code, error = build()
    assert code == 1
    assert "cannot be reached: refused. Is the address right, and the system up?" in error
    assert build() == (0, "")


def test_a_folder_that_must_not_be_written(
    build: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert build() == (1, "cats.building must not be written by this account.")


def test_other_wishes_about_later_stages_go_on_with_the_same_crawl(
    build: Callable[..., tuple[int, str]], before: Before, site: Site, tmp_path: Path
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    before("download", interrupt)
    assert build("--size", "32")[0] == 130
    assert build("--size", "64", "--splits", "train=0.5,test=0.5") == (0, "")
    assert site.hits["/photos/0.jpg"] == 1
    frame = pixmill.Dataset(tmp_path / "cats").to_pandas()
    assert {*frame["width"]} == {64}
    assert {*frame["split"]} <= {"train", "test"}


def test_a_table_whose_name_is_that_of_the_memory(
    signed_in: Run, site: Site, tmp_path: Path
) -> None:
    (tmp_path / "cats.txt").write_text(site.put("/1.jpg", photo(1)))
    result = signed_in(["build", "cats.txt", "--out", "build", "--layout", "json"])
    assert result.exit_code == 0, result.output
    assert "/1.jpg" in (tmp_path / "build" / "build.json").read_text()
