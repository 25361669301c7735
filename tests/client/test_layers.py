"""The client is shipped by itself: it imports nothing of ours, and little of others."""

import ast
import sys
from pathlib import Path

import pytest

CLIENT = Path(__file__).parents[2] / "client" / "pixmill"
FILES = sorted(CLIENT.rglob("*.py"))
LATER = {
    "pandas",
    "datasets",
    "numpy",
    "torch",
}  # of functions that need them, when they are called


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CLIENT).as_posix())
def test_a_module_imports_only_what_the_distribution_requires(path: Path) -> None:
    tree = ast.parse(path.read_text())
    allowed = {"httpx2", "pixmill", *sys.stdlib_module_names}
    if "command" in path.parts:
        allowed.add("click")
    first = {name for node in tree.body for name in list_packages(node)}
    assert first <= allowed
    assert {name for node in ast.walk(tree) for name in list_packages(node)} <= allowed | LATER


def list_packages(node: ast.AST) -> list[str]:
    """Return the packages that a statement imports from."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(node.module or "").partition(".")[0]]
    return []


@pytest.mark.parametrize("path", sorted((CLIENT / "sync").glob("*.py")), ids=lambda path: path.name)
def test_blocking_modules_await_nothing(path: Path) -> None:
    kinds = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
    assert not [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds)]
    assert "Async" not in path.read_text()
