"""Every regular expression of the tree, with its place and how it is used."""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("functions", "shared", "infra", "client/pixmill", "migrations")
CONSOLE = ROOT / "functions" / "web" / "console"
# How an expression is used that is handed on.
_METHODS = {"match": "match", "fullmatch": "fullmatch"}
_FUNCTIONS = {
    "compile",
    "match",
    "fullmatch",
    "search",
    "sub",
    "subn",
    "split",
    "findall",
    "finditer",
}
# What stands before a literal of JavaScript, where it cannot be a division.
_LITERAL = re.compile(
    r"(?:(?<=[(,=:\[!&|?{};])|(?<=return)|(?<==>)|^)[ ]*+"
    r"/(?![*/])((?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*+\])++)/([dgimsuvy]*)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Expression:
    """One regular expression, by the method that it is used with."""

    place: str
    source: str | bytes
    flags: int
    methods: frozenset[str]

    def __str__(self) -> str:
        return self.place


def list_python_expressions() -> tuple[list[Expression], list[str]]:
    """Return the expressions of the modules, and the places of those made when they run."""
    trees = {
        path: ast.parse(path.read_bytes())
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
    }
    uses = list(_list_uses(trees))
    found: list[Expression] = []
    made: list[str] = []
    for path, tree in trees.items():
        names = _names_of_calls(tree)
        for node in ast.walk(tree):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if not (isinstance(node, ast.Call) and (given := _list_patterns(node))):
                continue
            for pattern in given:
                name = names.get(node, "")
                methods = frozenset(
                    _METHODS.get(how, "search")
                    for file, used, how in uses
                    if used == name and (file == path or not name.startswith("_"))
                )
                called = ast.unparse(node.func).removeprefix("re.")
                if called == "Fits":
                    methods = frozenset({"fullmatch"})
                elif called != "compile" or not methods:
                    methods = frozenset({_METHODS.get(called, "search")})
                try:
                    source = _evaluate(pattern, path)
                    flags = _evaluate(node.args[1], path) if _has_flags(node) else 0
                except NameError:
                    made.append(place)
                else:
                    found.append(Expression(place, source, int(flags), methods))
    return found, made


def _list_patterns(node: ast.Call) -> list[ast.expr]:
    """Return what a call takes as patterns: functions of `re`, and constraints of pydantic."""
    function = ast.unparse(node.func)
    if function.startswith("re.") and function.removeprefix("re.") in _FUNCTIONS:
        return node.args[:1]
    if function == "Fits":
        return node.args[:1]
    return [one.value for one in node.keywords if one.arg == "pattern"]


def _has_flags(node: ast.Call) -> bool:
    return ast.unparse(node.func) == "re.compile" and len(node.args) > 1


def _names_of_calls(tree: ast.Module) -> dict[ast.Call, str]:
    return {
        node.value: ast.unparse(node.targets[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
    }


def _list_uses(trees: dict[Path, ast.Module]) -> Iterator[tuple[Path, str, str]]:
    """Yield the names whose methods are called or that are handed on, and the methods."""
    for path, tree in trees.items():
        owned: set[ast.AST] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owned.add(node.value)
                if node.attr not in {"pattern", "flags"}:  # a part of another expression
                    yield path, node.value.id, node.attr
            elif (
                isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in owned
            ):
                yield path, node.id, "search"


def _evaluate(node: ast.expr, path: Path) -> Any:
    code = compile(ast.Expression(node), str(path), "eval")
    try:
        return eval(code, {"re": re})  # noqa: S307 - a line of our own module
    except NameError:
        within = ROOT / "client" if path.is_relative_to(ROOT / "client") else ROOT
        name = ".".join(path.relative_to(within).with_suffix("").parts)
        return eval(code, dict(vars(importlib.import_module(name))))  # noqa: S307 - as above


def list_script_expressions() -> list[Expression]:
    """Return the literals of the console, as Python reads them."""
    return [
        Expression(
            f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, found.start(1)) + 1}",
            re.sub(r"\\p\{\w+\}", r"\\s", found[1]).replace("[^]", r"[\s\S]"),
            re.IGNORECASE if "i" in found[2] else 0,
            frozenset({"search"}),
        )
        for path in sorted(CONSOLE.glob("*.js"))
        if (text := path.read_text())
        for found in _LITERAL.finditer(text)
    ]
