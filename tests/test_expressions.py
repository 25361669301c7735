"""No regular expression of the tree tries a text in more ways than in proportion to its length."""

import re
from typing import Any

import pytest

from shared.contracts import blocking
from shared.declarations import compile_path
from shared.imaging import formats
from shared.operations.discovery import list_http_functions
from shared.pages import markup
from shared.runtime import cors
from tests.backtracking import find_repetitions
from tests.expressions import Expression, list_python_expressions, list_script_expressions

WRITTEN, MADE = list_python_expressions()
# Handed on before they are used: how they are used then.
HANDED_ON = {"shared/settings.py": "fullmatch"}
# Met by no more than a message of 4,800 characters, in the model's own process, which has a limit
# of time: what places in a library's source look like cannot be told before they have been read.
BOUNDED = {"shared/inference/child.py"}


def list_made() -> dict[str, list[tuple[re.Pattern[Any], str]]]:
    """Return what modules make when they run, as they make it, by file."""
    compile_raw_end = vars(markup)["_compile_raw_end"]
    raw = [compile_raw_end(name, xml) for name in markup.RAW for xml in (False, True)]
    origins = vars(cors)["_compile"]("https://app.example.org,http://localhost:*,*")
    paths = {operation.path for _, operation in list_http_functions()}
    longest = sorted(paths, key=lambda path: path.count("{"))[-3:]
    return {
        "shared/declarations.py": [(compile_path(path), "fullmatch") for path in longest],
        "shared/imaging/formats.py": [(one, "match") for one, _, _ in vars(formats)["_LOOKALIKES"]],
        "shared/pages/markup.py": [(one, "search") for one in raw],
        "shared/runtime/cors.py": [(origins, "fullmatch")],
        "shared/contracts/blocking.py": [
            (re.compile(one), "search") for one, _ in vars(blocking)["_WORDS"]
        ],
        # With nothing but a word of ours in the middle.
        "shared/rights/directives.py": [
            (re.compile(r"(?<![\w-])pixmill(?![a-z_-])", re.ASCII | re.IGNORECASE), "search")
        ],
        "infra/emulators/storage/signing.py": [
            (re.compile(r"20261130/[^/]+/storage/goog4_request"), "fullmatch")
        ],
        "shared/schemas/fields.py": [],  # of the class Fits, whose arguments are read
    }


@pytest.mark.parametrize("expression", [*WRITTEN, *list_script_expressions()], ids=str)
def test_no_repetition_reads_again(expression: Expression) -> None:
    file = expression.place.partition(":")[0]
    methods = {HANDED_ON[file]} if file in HANDED_ON else expression.methods
    if file not in BOUNDED:
        for method in methods:
            wrong = find_repetitions(expression.source, expression.flags, method)
            assert not wrong, f"{expression}: {expression.source!r} with {method} {wrong}"


def test_none_that_is_made_at_run_time_does() -> None:
    made = list_made()
    assert {place.partition(":")[0] for place in MADE} == set(made)
    for file, patterns in made.items():
        for pattern, method in patterns:
            wrong = find_repetitions(pattern.pattern, pattern.flags & ~re.UNICODE, method)
            assert not wrong, f"{file}: {pattern.pattern!r} {wrong}"


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(a+)+$", "match"),
        (r"(a*)*b", "match"),
        (r"(a|a)*b", "match"),
        (r"(?:a|ab?|b)*c", "match"),
        (r"a*[ab]*c", "match"),
        (r"a+,?a+b", "match"),
        (r"(a{0,30}){0,30}b", "match"),
        (r"a*a*", "fullmatch"),
        (r"\s+$", "search"),
        (r"a++b", "search"),
        (r"<a[^>]*>", "search"),
        (r"x(?=.*y)", "search"),
        (rb'"(?:[^"\\]++|\\.)*+"', "search"),
    ],
)
def test_the_checker_finds(pattern: str | bytes, method: str) -> None:
    assert find_repetitions(pattern, 0, method)


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"a*a*", "match"),  # which never fails
        (r"a++b", "match"),
        (r"\s*,\s*x", "match"),
        (r"(a|b)*c", "match"),
        (r"[^a-z]+", "search"),
        (r"<a[^<>]*>", "search"),
        (r"(?:[^,(]++|\([^)]*+(?:\)|\Z))*+", "search"),
        (rb'(?s)"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', "search"),
    ],
)
def test_the_checker_leaves_alone(pattern: str | bytes, method: str) -> None:
    assert not find_repetitions(pattern, 0, method)


def test_every_kind_of_place_is_walked() -> None:
    places = {one.place.partition(":")[0] for one in (*WRITTEN, *list_script_expressions())}
    for file in (
        "functions/web/console/tables.js",
        "infra/emulators/storage/app.py",
        "migrations/env.py",
        "shared/imaging/variants.py",
        "shared/pages/css.py",
    ):
        assert file in places
