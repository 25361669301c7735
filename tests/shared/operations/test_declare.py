"""Declarations that the platform would refuse at deployment are refused at import."""

from types import FunctionType
from typing import Any

import pytest

from shared.declarations import DeclarationError, HttpOperation, MessageOperation
from shared.messaging.messages import ObjectsReleased, RelayDue
from shared.operations import get_operation, http, on
from shared.schemas.projects import ProjectRead


def answer() -> ProjectRead:
    """Answer."""
    raise NotImplementedError


def take(due: RelayDue) -> None:
    """Take a message."""


def silent() -> None:
    raise NotImplementedError


def test_a_function_is_plain_and_carries_its_declaration() -> None:
    function = http("GET /v1/things", answer, status=201, action="thing.get", memory="1Gi")
    assert type(function) is FunctionType
    assert function.__name__ == "operations_test_declare"
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


TERMS: list[tuple[dict[str, Any], str]] = [
    ({"timeout": 0}, "timeout"),
    ({"timeout": 3601}, "timeout"),
    ({"concurrency": 0}, "concurrency"),
    ({"concurrency": 1001}, "concurrency"),
    ({"cpu": 0.5, "concurrency": 2}, "vCPU"),
    ({"memory": "64Mi"}, "memory"),
    ({"memory": "8Gi"}, "needs 2 vCPU"),
    ({"memory": "8193Mi", "cpu": 2}, "needs 4 vCPU"),
    ({"memory": "32Gi", "cpu": 6}, "needs 8 vCPU"),
    ({"cpu": 3}, "vCPU other than"),
    ({"cpu": 0.05, "concurrency": 1}, "vCPU other than"),
    ({"memory": "33Gi"}, "memory"),
    ({"memory": "1GB"}, "memory"),
    ({"memory": "1.5Gi"}, "memory"),
    ({"min_instances": 3, "max_instances": 2}, "instances"),
    ({"min_instances": -1}, "instances"),
]


@pytest.mark.parametrize(("terms", "wrong"), TERMS)
def test_terms_outside_the_platforms_limits(terms: dict[str, Any], wrong: str) -> None:
    with pytest.raises(DeclarationError, match=wrong):
        http("GET /v1/things", answer, **terms)
    with pytest.raises(DeclarationError, match=wrong):
        on(RelayDue, take, **terms)


@pytest.mark.parametrize(
    ("terms", "wrong"),
    [
        ({"timeout": 541}, "timeout"),
        ({"attempts": 4}, "attempts"),
        ({"attempts": 101}, "attempts"),
        ({"min_backoff": -1}, "backoff"),
        ({"max_backoff": 601}, "backoff"),
        ({"min_backoff": 30, "max_backoff": 20}, "backoff"),
    ],
)
def test_messages_have_limits_of_their_own(terms: dict[str, Any], wrong: str) -> None:
    with pytest.raises(DeclarationError, match=wrong):
        on(RelayDue, take, **terms)


def test_the_limits_themselves_are_allowed() -> None:
    http("GET /v1/things", answer, timeout=3600, concurrency=1000, memory="128Mi")
    on(RelayDue, take, timeout=540, concurrency=1, cpu=0.08, attempts=100, memory="4Gi")
    on(RelayDue, take, attempts=5, min_backoff=0, max_backoff=600, cpu=8, memory="32768Mi")


def test_a_handler_without_a_docstring_has_no_summary() -> None:
    with pytest.raises(DeclarationError, match="docstring"):
        http("GET /v1/things", silent)


def test_a_name_that_is_too_long() -> None:
    def long() -> None:
        """Do it."""

    long.__module__ = f"functions.images.{'x' * 50}"
    with pytest.raises(DeclarationError, match="49 characters"):
        http("GET /v1/things", long)
