"""Names follow from each other: file, function, deployed service and test."""

from pathlib import Path
from types import FunctionType

import pytest

from shared.declarations import HttpOperation, MessageOperation, get_name
from shared.messaging.messages import Message
from shared.operations import get_operation
from shared.operations.discovery import ROOT, list_bundle_functions, list_bundles, list_functions

TESTS = Path(__file__).resolve().parent

FILES = [
    pytest.param(path, id=f"{path.parent.name}/{path.name}")
    for path in sorted(ROOT.glob("*/*.py"))
    if path.name != "main.py"
]


@pytest.mark.parametrize("path", FILES)
def test_every_operation_is_declared(path: Path) -> None:
    """Every file of a bundle is an operation that its table of contents lists, once."""
    listed = [
        function
        for function in list_bundle_functions(path.parent.name)
        if Path(function.operation.handler.__code__.co_filename) == path
    ]
    assert [function.name for function in listed] == [f"{path.parent.name}_{_stem(path)}"]
    assert listed[0].service == listed[0].name.replace("_", "-")


@pytest.mark.parametrize("path", FILES)
def test_every_operation_has_its_test(path: Path) -> None:
    assert (TESTS / "functions" / path.parent.name / f"test_{_stem(path)}.py").is_file()


@pytest.mark.parametrize("bundle", list_bundles())
def test_functions_carry_the_name_of_their_variable(bundle: str) -> None:
    """functions-framework looks for a plain function under the name of the entry point."""
    main = __import__(f"functions.{bundle}.main", fromlist=["main"])
    found = {name: value for name, value in vars(main).items() if get_operation(value)}
    assert found
    for name, function in found.items():
        assert type(function) is FunctionType
        assert name == function.__name__ == get_name(function.operation.handler)  # type: ignore[attr-defined]


def test_no_two_functions_share_a_route_or_a_name() -> None:
    functions = list_functions()
    assert len({function.name for function in functions}) == len(functions)
    routes = [
        (operation.method, operation.path)
        for function in functions
        if isinstance(operation := function.operation, HttpOperation)
    ]
    assert len(set(routes)) == len(routes)


def test_every_message_that_is_published_has_a_class_that_owns_its_topic() -> None:
    topics = [message.topic for message in _leaves(Message)]
    assert len(set(topics)) == len(topics)
    for function in list_functions():
        operation = function.operation
        published = operation.publishes
        if isinstance(operation, MessageOperation):
            published += (operation.message,)
        assert all(message.topic for message in published), function.name


def _stem(path: Path) -> str:
    return path.stem.rstrip("_")


def _leaves(kind: type[Message]) -> list[type[Message]]:
    below = kind.__subclasses__()
    return [leaf for one in below for leaf in _leaves(one)] if below else [kind]
