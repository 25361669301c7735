"""Deployed functions carry their declarations."""

from types import FunctionType

from shared.declarations import HttpOperation, MessageOperation
from shared.messaging.messages import ObjectsReleased, RelayDue
from shared.operations import get_operation, http, on
from shared.schemas.projects import ProjectRead


def answer() -> ProjectRead:
    """Answer."""
    raise NotImplementedError


def take(due: RelayDue) -> None:
    """Take a message."""


def test_a_function_is_plain_and_carries_its_declaration() -> None:
    function = http("GET /v1/things", answer, status=201, action="thing.get", memory="1Gi")
    assert type(function) is FunctionType
    assert function.__name__ == "operations_test_entries"
    assert function.__doc__ == "Answer."
    operation = get_operation(function)
    assert isinstance(operation, HttpOperation)
    assert (operation.method, operation.path) == ("GET", "/v1/things")
    assert (operation.status, operation.action, operation.public) == (201, "thing.get", False)
    assert operation.terms.memory == "1Gi"
    assert operation.answers is ProjectRead


def test_a_message_function() -> None:
    function = on(RelayDue, take, publishes=(ObjectsReleased,), attempts=7, timeout=540)
    operation = get_operation(function)
    assert isinstance(operation, MessageOperation)
    assert (operation.message, operation.publishes) == (RelayDue, (ObjectsReleased,))
    assert (operation.retries.attempts, operation.terms.timeout) == (7, 540)


def test_anything_else_carries_none() -> None:
    for thing in (answer, RelayDue, None, 5):
        assert get_operation(thing) is None
