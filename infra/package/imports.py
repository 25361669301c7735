"""Finds what a module imports, directly or not, by reading the source without running it."""

import ast
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_OURS = ("functions", "shared", "infra", "migrations")


@dataclass(frozen=True)
class Imports:
    """Modules of ours, and the dotted names that they import from elsewhere."""

    modules: frozenset[str]
    others: frozenset[str]


Edges = Mapping[str, Collection[str]]  # from a module to modules


def find_imports(
    roots: Iterable[str], *, also: Edges | None = None, never: Edges | None = None
) -> Imports:
    """Find everything that these modules reach, imports inside functions included.

    Packages above a module count too. `also` are modules that one loads in a way that its source
    does not show; `never` are those that one imports only for what is not asked of it here.
    """
    also, never = also or {}, never or {}
    waiting = [part for root in roots for part in _add_packages(root)]
    modules: set[str] = set()
    others: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in modules:
            continue
        modules.add(name)
        for found in _find_imported(name).union(also.get(name, ())).difference(never.get(name, ())):
            if found.split(".")[0] in _OURS:
                waiting += _add_packages(found)
            elif found.split(".")[0] not in sys.stdlib_module_names:
                others.add(found)
    return Imports(frozenset(modules), frozenset(others))


def find_source(module: str) -> Path | None:
    """Return the file of a module of ours; None for a package without one."""
    path = ROOT / module.replace(".", "/")
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def _add_packages(module: str) -> list[str]:
    """Return a module and the packages around it, as far as they have code."""
    parts = module.split(".")
    names = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return [name for name in names if find_source(name)]


@cache
def _find_imported(module: str) -> frozenset[str]:
    found: set[str] = set()
    for statement in _list_statements(_parse_module(module)):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif statement.module:
            for alias in statement.names:
                name = f"{statement.module}.{alias.name}"
                ours = statement.module.split(".")[0] in _OURS
                if not ours or find_source(name):
                    found.add(name)
                else:
                    found.add(statement.module)
                    found |= _find_lazy(statement.module, alias.name)
    return frozenset(found)


def _find_lazy(package: str, name: str) -> set[str]:
    """Return the module behind a name that a package loads on first use."""
    if find_source(package) is None:
        return set()
    return {
        statement.module
        for block in _list_type_checking_blocks(_parse_module(package))
        for statement in block.body
        if isinstance(statement, ast.ImportFrom) and statement.module
        if any(alias.name == name for alias in statement.names)
    }


def _list_statements(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Return the import statements that run at some time: all but those for type checkers."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif isinstance(child, ast.If) and _asks_type_checking(child):
            for other in child.orelse:
                yield from _list_statements(other)
        else:
            yield from _list_statements(child)


def _list_type_checking_blocks(tree: ast.Module) -> list[ast.If]:
    return [node for node in tree.body if isinstance(node, ast.If) and _asks_type_checking(node)]


def _asks_type_checking(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@cache
def _parse_module(module: str) -> ast.Module:
    file = find_source(module)
    return ast.parse(file.read_bytes() if file else b"")
