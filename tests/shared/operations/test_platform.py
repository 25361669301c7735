"""Declarations that the platform would refuse are refused at import, or in the manifest."""

from typing import Any

import pytest

from shared.declarations import DeclarationError
from shared.messaging.messages import RelayDue
from shared.operations import http, on
from shared.operations.platform import check_names
from shared.schemas.projects import ProjectRead


def answer() -> ProjectRead:
    """Answer."""
    raise NotImplementedError


def take(due: RelayDue) -> None:
    """Take a message."""


def silent() -> None:
    raise NotImplementedError


def test_our_own_names_are_allowed() -> None:
    check_names(["crawler", "x" * 22], ["relay-due"])


def test_too_long_a_bundle() -> None:
    with pytest.raises(DeclarationError, match="at most 22"):
        check_names(["x" * 23], [])


@pytest.mark.parametrize("topic", ["goog-things", "ab", "1st", "a b"])
def test_topics_that_pubsub_does_not_take(topic: str) -> None:
    with pytest.raises(DeclarationError, match=topic):
        check_names([], [topic])


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
