"""Docstrings beneath the fields of classes and the names of modules.

They are read from the source here, and by nothing that runs: there they cost nothing.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path


@dataclass(frozen=True)
class FieldSource:
    """A name with its type as the source has it, and the text beneath it, if there is one."""

    annotation: str
    text: str | None


def find_field(model: type, name: str) -> FieldSource | None:
    """Return a field as a class or the nearest of its bases declares and describes it."""
    declared = None
    for base in model.__mro__:
        found = _read_module(base.__module__).get((base.__name__, name))
        declared = declared or found
        if found and found.text:
            return found
    return declared


def list_described_names(module: str) -> list[tuple[str, str]]:
    """Return the names on a module's level with a text beneath them, each with its text."""
    return [
        (name, found.text)
        for (model, name), found in _read_module(module).items()
        if not model and found.text
    ]


@cache
def _read_module(name: str) -> dict[tuple[str, str], FieldSource]:
    """Return what stands in a module of ours, by class (or nothing) and name."""
    if not name.startswith("shared."):
        return {}
    body = ast.parse(Path(str(sys.modules[name].__file__)).read_bytes()).body
    found = {("", one): about for one, about in _list_annotated(body)}
    for node in body:
        if isinstance(node, ast.ClassDef):
            found |= {(node.name, one): about for one, about in _list_annotated(node.body)}
    return found


def _list_annotated(body: Sequence[ast.stmt]) -> Iterator[tuple[str, FieldSource]]:
    for node, following in zip_longest(body, body[1:]):
        text = None
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            text = " ".join(str(following.value.value).split())
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, FieldSource(ast.unparse(node.annotation), text)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, FieldSource("", text)
