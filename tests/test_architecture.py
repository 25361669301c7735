"""The page on the architecture names what is there: rooms, files and functions."""

import ast
import re
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text()
REFERENCES = sorted(set(re.findall(r"`([\w/]+\.py):([\w.]+)`", PAGE)))
FILES = sorted(set(re.findall(r"`([\w/]+\.py)[:`]", PAGE)))


def definitions(tree: ast.AST, prefix: str = "") -> set[str]:
    """Return the dotted names of all functions and classes below a node."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = f"{prefix}{node.name}"
            found |= {name} | definitions(node, f"{name}.")
    return found


@pytest.mark.parametrize(("file", "name"), REFERENCES)
def test_every_function_is_where_the_page_says(file: str, name: str) -> None:
    assert name in definitions(ast.parse((ROOT / file).read_text()))


@pytest.mark.parametrize("file", FILES)
def test_every_file_is_there(file: str) -> None:
    assert (ROOT / file).is_file()


def test_the_rooms_are_those_of_the_layers() -> None:
    """Every room of `shared/` stands on the page, on the floor that import-linter holds it to."""
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    layers = contracts["importlinter:contract:layers"]["layers"].split("\n")
    expected = [sorted(line.replace("|", " ").split()) for line in layers if line.strip()]
    table = PAGE.split("## The rooms of `shared/`")[1].split("Rooms of domains")[0]
    floors = [
        re.findall(r"`([a-z]+)`", row.split("|")[2])
        for row in re.findall(r"^\| .*", table, re.M)[2:]
    ]
    assert [sorted(floor) for floor in floors] == expected


@pytest.mark.parametrize(
    ("walk", "limit"),
    [
        ("From an address to a row", 45),
        ("From an upload to an image", 12),
        ("From a request to a logged prediction", 22),
    ],
)
def test_walks_stay_short(walk: str, limit: int) -> None:
    """Each names all functions that somebody steps through, and they are few."""
    text = PAGE.split(f"### {walk}")[1].split("###")[0]
    assert 0 < len(re.findall(r"`[\w/]+\.py:[\w.]+`", text)) <= limit
