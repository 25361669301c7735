"""The screencast: a recording of a real command, small and without scripts."""

import csv
import os
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from infra.site.pages import ROOT
from infra.site.screencast import COLUMNS, PICTURE, CommandFailed, record, write_table
from infra.site.terminal import TerminalScreen


def test_a_command_is_recorded_on_a_terminal(tmp_path: Path) -> None:
    code = "import sys; print(sys.stdout.isatty()); print('ähm', end='\\r'); print('o')"
    (tmp_path / "say.py").write_text(code)
    terminal = TerminalScreen(COLUMNS)
    command = f"{sys.executable} say.py"
    frames = list(record(command, terminal, tmp_path, dict(os.environ)))
    assert frames[0].lines == (f"$ {command}", "")
    assert frames[-1].lines == terminal.lines == (f"$ {command}", "True", "ohm", "")
    assert [frame.at for frame in frames] == sorted(frame.at for frame in frames)


def test_a_command_that_fails_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="ended with 3"):
        list(record("sh -c 'exit 3'", TerminalScreen(COLUMNS), tmp_path, dict(os.environ)))


def test_the_table_names_photographs_and_what_is_not_there(tmp_path: Path) -> None:
    write_table(tmp_path / "photos.csv", "http://127.0.0.1:1")
    rows = list(csv.DictReader((tmp_path / "photos.csv").read_text().splitlines()))
    assert {"url": "http://127.0.0.1:1/photos/chelsea-whole-640.jpg", "label": "chelsea"} in rows
    assert sum(row["label"] == "odd" for row in rows) == 20


def test_the_picture_plays_without_scripts_and_other_hosts() -> None:
    text = PICTURE.read_text()
    assert len(text.encode()) <= 200_000
    root = ElementTree.fromstring(text)  # noqa: S314 - our own
    kinds = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert kinds == {"svg", "title", "style", "defs", "text", "rect", "g", "use"}
    hosts = set(re.findall(r"https?://([^/:\s\"<;]+)", text))
    assert hosts == {"www.w3.org", "127.0.0.1"}
    assert re.search(r">\d+ images in photos<", text)


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_newcomers_see_it(page: str) -> None:
    assert "pictures/screencast.svg)" in (ROOT / page).read_text()
