"""Declare functions behind push subscriptions."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

from flask import Request, Response

from shared.declarations import MessageOperation, Retries, Terms, read_message_parameters
from shared.messaging.messages import Message
from shared.operations.entries import name_entry
from shared.operations.platform import check_platform
from shared.runtime.injection import check_services
from shared.runtime.messages import receive_push


def on(
    message: type[Message],
    handler: Callable[..., Any],
    *,
    prepare: Callable[..., Any] | None = None,
    publishes: tuple[type[Message], ...] = (),
    tracked: bool = False,
    attempts: int = 5,
    min_backoff: int = 2,
    max_backoff: int = 120,
    memory: str = "512Mi",
    cpu: float = 1,
    timeout: int = 120,
    concurrency: int = 8,
    max_instances: int = 20,
    min_instances: int = 0,
) -> FunctionType:
    """Declare a function behind a push subscription to a message's topic.

    `prepare` runs first, in a short transaction of its own, for work that is slow: it takes a lease
    and returns what the handler needs, or None when there is nothing to do. What the other
    parameters mean stands with the fields of `MessageOperation`, `Retries` and `Terms`.
    Raises `DeclarationError` when a signature does not fit.
    """
    operation = MessageOperation(
        message=message,
        handler=handler,
        prepare=prepare,
        # Who has done a part of work that is shared out by account hands out the next.
        publishes=tuple(dict.fromkeys((*publishes, *((message,) if message.slots else ())))),
        tracked=tracked,
        retries=Retries(attempts, min_backoff, max_backoff),
        terms=Terms(memory, cpu, timeout, concurrency, max_instances, min_instances),
    )
    check_services(operation.parameters, "message")
    if prepare is not None:
        check_services(read_message_parameters(prepare, message), "message")
    check_platform(operation)

    def entry(request: Request) -> Response:
        return receive_push(operation, request)

    return name_entry(entry, operation)
