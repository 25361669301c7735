"""Declare functions behind routes."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

from flask import Request, Response

from shared.calls import Document
from shared.declarations import MAX_BODY, HttpOperation, Terms
from shared.errors import AppError
from shared.messaging.messages import Message
from shared.models.base import Base
from shared.operations.entries import name_entry
from shared.operations.platform import check_platform
from shared.runtime.http import answer_request
from shared.runtime.injection import check_services
from shared.schemas.kinds import MAX_WAIT


def http(
    route: str,
    handler: Callable[..., Any],
    *,
    prepare: Callable[..., Any] | None = None,
    status: int = 200,
    or_status: int | None = None,
    media_types: tuple[str, ...] = ("application/json",),
    location: str = "",
    public: bool = False,
    action: str | None = None,
    secret: bool = False,
    publishes: tuple[type[Message], ...] = (),
    max_body: int = MAX_BODY,
    if_larger: str = "",
    errors: Callable[[AppError], Document] | None = None,
    waits_for: type[Base] | None = None,
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
    first statement, so that it works before without a connection. Where it waits for a job,
    `timeout` is what it may take besides. What the other parameters mean stands with the fields of
    `HttpOperation` and `Terms`.
    Raises `DeclarationError` when the handler's signature does not fit.
    """
    method, _, path = route.partition(" ")
    if waits_for is not None:
        timeout += MAX_WAIT
    operation = HttpOperation(
        method=method,
        path=path,
        handler=handler,
        prepare=prepare,
        status=status,
        or_status=or_status,
        media_types=media_types,
        location=location,
        public=public,
        action=action,
        secret=secret,
        publishes=publishes,
        max_body=max_body,
        if_larger=if_larger,
        errors=errors,
        waits_for=waits_for,
        terms=Terms(memory, cpu, timeout, concurrency, max_instances, min_instances),
    )
    check_services(operation.parameters, "http")
    check_platform(operation)

    def entry(request: Request) -> Response:
        return answer_request(operation, request)

    return name_entry(entry, operation)
