"""Declare functions: `http` for a route, `on` for a message. Each returns what is deployed."""

from collections.abc import Callable
from types import FunctionType
from typing import Any, cast

from flask import Request, Response

from shared.calls import Document
from shared.declarations import (
    MAX_BODY,
    HttpOperation,
    MessageOperation,
    Operation,
    Retries,
    Terms,
    get_name,
    read_message_parameters,
)
from shared.errors import AppError
from shared.messaging.messages import Message
from shared.operations.platform import check_platform
from shared.runtime.http import answer_request
from shared.runtime.injection import check_services
from shared.runtime.messages import receive_push


def http(
    route: str,
    handler: Callable[..., Any],
    *,
    prepare: Callable[..., Any] | None = None,
    status: int = 200,
    or_status: int | None = None,
    public: bool = False,
    action: str | None = None,
    secret: bool = False,
    publishes: tuple[type[Message], ...] = (),
    max_body: int = MAX_BODY,
    if_larger: str = "",
    errors: Callable[[AppError], Document] | None = None,
    memory: str = "512Mi",
    cpu: float = 1,
    timeout: int = 60,
    concurrency: int = 16,
    max_instances: int = 10,
    min_instances: int = 0,
) -> FunctionType:
    """Declare a function behind a route such as `GET /v1/images/{image_id}`.

    `prepare` runs first, in a short transaction of its own, for work that is slow: what it returns
    goes to the handler, unless it is the answer already. The handler's transaction begins with its
    first statement, so that it works before without a connection. What the other parameters mean
    stands with the fields of `HttpOperation` and `Terms`.
    Raises `DeclarationError` when the handler's signature does not fit.
    """
    method, _, path = route.partition(" ")
    operation = HttpOperation(
        method=method,
        path=path,
        handler=handler,
        prepare=prepare,
        status=status,
        or_status=or_status,
        public=public,
        action=action,
        secret=secret,
        publishes=publishes,
        max_body=max_body,
        if_larger=if_larger,
        errors=errors,
        terms=Terms(memory, cpu, timeout, concurrency, max_instances, min_instances),
    )
    check_services(operation.parameters, "http")
    check_platform(operation)

    def entry(request: Request) -> Response:
        return answer_request(operation, request)

    return _named(entry, operation)


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
        publishes=publishes,
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

    return _named(entry, operation)


def get_operation(function: Any) -> Operation | None:
    """Return the declaration that a deployed function carries, or None for anything else."""
    return getattr(function, "operation", None)


def _named(entry: Callable[[Request], Response], operation: Operation) -> FunctionType:
    """Name the plain function that functions-framework wants after the deployment's target."""
    function = cast(FunctionType, entry)
    function.__name__ = function.__qualname__ = get_name(operation.handler)
    function.__doc__ = operation.handler.__doc__
    function.operation = operation  # type: ignore[attr-defined]
    return function
