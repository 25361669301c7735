"""Serving files of the console."""

from pathlib import Path

import pytest

from functions.web import asset
from shared.reference.console import MEDIA_TYPES, load_console
from tests.harness import System

FOLDER = Path(asset.__file__).parent / "console"


def test_every_file_is_served_as_what_it_is(system: System) -> None:
    names = [path.name for path in FOLDER.iterdir() if path.name != "index.html"]
    assert {Path(name).suffix for name in names} <= MEDIA_TYPES.keys()
    for name in names:
        file = system.client.get(f"/console/{name}")
        assert file.data == (FOLDER / name).read_bytes()
        assert file.mimetype == MEDIA_TYPES[Path(name).suffix]
        assert file.headers["Cache-Control"] == "no-cache"
        tag = file.headers["ETag"]
        again = system.client.get(f"/console/{name}", headers={"If-None-Match": tag})
        assert again.status_code == 304
        assert system.client.head(f"/console/{name}").headers["ETag"] == tag


@pytest.mark.parametrize(
    "name",
    [
        "missing.js",
        "index.html",
        "..%2Fasset.py",
        "%2e%2e%2fasset.py",
        "..",
        "../asset.py",
        "main.js%00",
        "MAIN.JS",
        "C:main.js",
    ],
)
def test_nothing_else_is_there(system: System, name: str) -> None:
    assert system.client.get(f"/console/{name}").status_code == 404


def test_only_files_of_its_kinds_are_read(tmp_path: Path) -> None:
    (tmp_path / "page.js").write_text("1")
    (tmp_path / "notes.md").write_text("2")
    (tmp_path / "below.js").mkdir()
    assert load_console(tmp_path).keys() == {"page.js"}
