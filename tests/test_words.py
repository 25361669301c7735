"""Names and docstrings follow CONTRIBUTING.md: one word for one thing, verbs, plain sentences."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("functions", "infra", "migrations", "shared", "tests")
CLIENT = "client"  # a distribution of its own, whose names may be those of the system
TREES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_bytes())
    for folder in (*FOLDERS, CLIENT)
    for path in sorted((ROOT / folder).rglob("*.py"))
}
# Names of a role that many modules fill, each with a function of its own.
ROLES = {"handle", "main", "prepare"}
# A question or half a sentence instead of what a thing is or does.
_OPENING = re.compile(r"(What|That|Of|Those|Lets|As|How|Where|Whether|Which|Who)\b")
_NO_PARTICIPLES = {"embed", "feed", "hamming", "need", "ping", "proceed", "seed"}

# A verb behind a comma or semicolon, in the third person, in a sentence that began with another.
_SECOND_VERB = re.compile(r"[,;](?: and| or| then)? ([a-z]+)s (?!of\b)")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def list_definitions(kind: Any, folders: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the files in which each public name is defined on a module's level."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, tree in TREES.items():
        if not path.startswith(tuple(f"{folder}/" for folder in folders)):
            continue
        for node in tree.body:
            if isinstance(node, kind) and not is_private_or_overload(node):
                found[node.name].append(path)
    return dict(found)


def is_private_or_overload(node: Any) -> bool:
    """Return whether a definition is a module's own, a test, or only types for the one below."""
    return node.name.startswith(("_", "Test", "test_")) or any(
        ast.unparse(one) == "overload" for one in node.decorator_list
    )


def list_functions(node: ast.AST) -> Iterator[Function]:
    """Yield functions and methods, but no properties, which are named by nouns."""
    for child in ast.walk(node):
        if isinstance(child, Function) and not any(
            "property" in ast.unparse(one) for one in child.decorator_list
        ):
            yield child


def test_no_class_name_stands_twice() -> None:
    classes = list_definitions(ast.ClassDef, FOLDERS)
    assert {name: files for name, files in classes.items() if len(files) > 1} == {}


def test_no_public_function_name_stands_twice() -> None:
    functions = list_definitions(Function, ("functions", "infra", "shared"))
    twice = {name: files for name, files in functions.items() if len(files) > 1}
    assert {name: files for name, files in twice.items() if name not in ROLES} == {}


@pytest.mark.parametrize("folder", ["functions", "infra", "shared", CLIENT])
def test_no_function_is_named_by_a_participle(folder: str) -> None:
    named = [
        f"{path}: {function.name}"
        for path, tree in TREES.items()
        if path.startswith(f"{folder}/")
        for function in list_functions(tree)
        for word in [function.name.lstrip("_").split("_")[0]]
        if re.fullmatch(r"\w+(ed|ing)", word) and word not in _NO_PARTICIPLES
    ]
    assert named == []


@pytest.mark.parametrize("folder", [*FOLDERS, CLIENT])
def test_docstrings_begin_with_a_verb_or_a_noun(folder: str) -> None:
    questions = [
        f"{path}: {docstring.splitlines()[0]}"
        for path, tree in TREES.items()
        if path.startswith(f"{folder}/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | Function)
        if (docstring := ast.get_docstring(node)) and _OPENING.match(docstring)
    ]
    assert questions == []


@pytest.mark.parametrize("folder", [*FOLDERS, CLIENT])
def test_verbs_of_a_sentence_are_in_one_form(folder: str) -> None:
    functions = [(path, one) for path, tree in TREES.items() for one in list_functions(tree)]
    verbs = {"raise", "return", "yield"} | {
        one.name.lstrip("_").split("_")[0]
        for path, one in functions
        if not path.startswith("tests/")
    }
    mixed = [
        f"{path}: {sentence}"
        for path, one in functions
        if path.startswith(f"{folder}/") and (docstring := ast.get_docstring(one))
        for sentence in [re.split(r"[.](?:\s|$)|\n\n", docstring)[0].replace("\n", " ")]
        if sentence.split()[0].lower() in verbs and verbs & set(_SECOND_VERB.findall(sentence))
    ]
    assert mixed == []


def test_no_test_imports_or_patches_a_private_name() -> None:
    """Parameters and public names are what a test may change; ruff (SLF) looks at the rest."""
    google = "tests/infra/gcp/conftest.py"  # stands in for servers that Google's client names so
    found = [
        (path, name)
        for path, tree in TREES.items()
        if path.startswith("tests/") and path != google
        for node in ast.walk(tree)
        for name in list_changed_names(node)
        if re.match(r"_[^_]", name.rpartition(".")[2])
    ]
    assert found == []


def list_changed_names(node: ast.AST) -> list[str]:
    """Return what a statement imports from a module, or patches."""
    if isinstance(node, ast.ImportFrom):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".setattr", ".delattr")):
        return [
            one.value
            for one in node.args[:2]
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
    return []
