"""Every other command, once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pixmill
import pytest
from pixmill.command.choices import LAYOUTS, TABLES
from pixmill.jobs import ExportFormat

from tests.client.command.conftest import Run
from tests.client.test_operations import DOCUMENT
from tests.harness import PASSWORD, Person
from tests.sites import Site, photo

CLIENT = Path(__file__).resolve().parents[3] / "client"


def test_images_are_collected_looked_at_and_frozen(
    signed_in: Run, site: Site, tmp_path: Path
) -> None:
    (tmp_path / "cats.txt").write_text("\n".join([*site.photos(3), f"{site.base_url}/gone.jpg"]))
    job = signed_in(["crawl", "cats.txt", "--project", "Cats"]).stdout.strip()
    assert "http_404 1" in signed_in(["report", job]).stdout
    failures = signed_in(["report", job, "--failures"]).stdout
    assert failures == f"http_404\t{site.base_url}/gone.jpg\n"
    rows = [
        json.loads(line)
        for line in signed_in(["images", "--project", "Cats", "--json"]).stdout.splitlines()
    ]
    assert len(rows) == 3
    assert signed_in(["search", rows[0]["id"], "--max-distance", "64"]).stdout.count("\n") == 2
    first = signed_in(["versions", "--project", "Cats", "--freeze", "one"]).stdout.strip()
    rejected = signed_in(["reject", rows[0]["id"], "--project", "Cats", "--reason", "blurred"])
    assert rejected.stdout == "1 rejected.\n"
    second = signed_in(["versions", "--project", "Cats", "--freeze", "two"]).stdout.strip()
    assert len(signed_in(["versions", "--project", "Cats"]).stdout.splitlines()) == 2
    assert signed_in(["diff", first, second]).stdout.startswith("removed")
    invalid = signed_in(["validate", job, "--min-width", "5000", "--json"])
    assert json.loads(invalid.stdout)["invalid_images"] == 3
    assert "min_width 3" in invalid.stderr
    exported = signed_in(["export", "--project", "Cats", "--out", "cats.csv", "--layout", "csv"])
    assert exported.exit_code == 1  # of nothing valid
    assert signed_in(["models"]).stdout == ""


def test_a_folder_is_uploaded(signed_in: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "0.jpg").write_bytes(photo(0))
    result = signed_in(["upload", "mine", "--project", "Mine", "--label", "cat"])
    assert result.exit_code == 0, result.output
    assert "  cat  " in signed_in(["images", "--project", "Mine"]).stdout
    exported = signed_in(["export", "--project", "Mine", "--out", "mine.zip"])
    assert exported.exit_code == 0, exported.output
    assert (tmp_path / "mine.zip").stat().st_size > 1000


def test_predictions_come_while_others_are_asked_for(
    signed_in: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = SimpleNamespace(predict_images=lambda ids: [{"image_id": one} for one in ids])
    monkeypatch.setattr(pixmill.Client, "get_model", lambda *_: model)
    result = signed_in(["predict", "pets", *(f"{number}" for number in range(101))])
    assert [json.loads(line)["image_id"] for line in result.stdout.splitlines()][-2:] == [
        "99",
        "100",
    ]
    assert result.stderr.startswith("predict  101 of 101 images")


def test_somebody_signs_in_and_out(run: Run, address: str, person: Person) -> None:
    result = run(["login", address, "--email", person.email, "--name", "work"], PASSWORD + "\n")
    assert f"Signed in to {address} as {person.email}; kept as profile work" in result.stdout
    (row,) = run(["keys", "--json"]).stdout.splitlines()
    assert run(["keys", "--create", "other"]).stdout.startswith("pxk_")
    status = json.loads(run(["status", "--json"]).stdout)
    assert status["profiles"] == {"work": address}
    assert status["deployment"] == {"url": address, "health": "answers"}
    run(["keys", "--revoke", json.loads(row)["id"]])
    result = run(["keys"])
    assert "is wrong, or has expired" in result.output
    new = run(["login", address, "--email", "new@example.com", "--register"], "long enough 1\n")
    assert new.exit_code == 0, new.output
    taken = run(["login", address, "--email", "new@example.com", "--register"], "long enough 1\n")
    assert taken.exit_code == 1


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_shells_complete_the_command(run: Run, shell: str) -> None:
    result = run(["completion", shell])
    assert "_PIXMILL_COMPLETE" in result.stdout
    assert result.exit_code == 0


def test_bash_completes_commands_options_and_values(run: Run, tmp_path: Path) -> None:
    code = "from pixmill.command.main import main; main(prog_name='pixmill')"
    (tmp_path / "pixmill").write_text(f'#!/bin/sh\nexec {sys.executable} -c "{code}" "$@"\n')
    (tmp_path / "pixmill").chmod(0o755)
    asked = [["bu"], ["build", "cats.csv", "--lay"], ["build", "cats.csv", "--layout", "w"]]
    script = run(["completion", "bash"]).stdout
    for words in asked:
        script += f"\nCOMPREPLY=(); COMP_WORDS=(pixmill {' '.join(words)}); COMP_CWORD={len(words)}"
        script += "\n_pixmill_completion pixmill; echo ${COMPREPLY[@]}"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-c", script],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(CLIENT)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["build", "--layout", "webdataset"], done.stderr


def test_every_command_explains_itself(run: Run) -> None:
    from pixmill.command.main import main

    for name, command in main.commands.items():
        assert command.help, name
        assert run([name, "--help"]).exit_code == 0


def test_layouts_are_those_of_the_api() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert list(LAYOUTS) == schemas["Layout"]["enum"]
    archives = {"zip", "tar"}
    assert {*TABLES} | archives == {*ExportFormat.__args__}  # type: ignore[attr-defined]
