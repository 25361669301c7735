"""Declarations of functions: the trigger of each, its handler and the terms on which it runs.

From a declaration follow the entry point, the local routing, the OpenAPI document, the deployment
manifest (topics, subscriptions, schedules, permissions) and the contract tests.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_type_hints

from shared.calls import Document, Sent, SessionCookies
from shared.errors import AppError
from shared.messaging.messages import Message
from shared.models.base import Base
from shared.schemas.kinds import Input, Query, WaitQuery

MAX_BODY = 1024 * 1024  # bytes of a request, where an operation does not say otherwise
PATH_PARAMETER = re.compile(r"\{(\w+)\}")

Source = Literal["path", "body", "query", "message", "prepared", "service"]


class DeclarationError(TypeError):
    """A handler's signature does not fit its declaration."""


@cache
def compile_path(path: str) -> re.Pattern[str]:
    """Return the pattern of a route's addresses, with a group for each parameter."""
    parts = PATH_PARAMETER.split(path)
    return re.compile(
        "".join(
            rf"(?P<{part}>[^/\n]+)" if index % 2 else re.escape(part)
            for index, part in enumerate(parts)
        )
    )


@dataclass(frozen=True)
class Parameter:
    """One parameter of a handler: its name, its type and where its value comes from."""

    name: str
    type: Any
    source: Source


WAITING = Parameter("waiting", WaitQuery, "query")  # of the runtime, beside the handler's own


@dataclass(frozen=True)
class Terms:
    """The terms on which a function runs, by the names of Cloud Functions, 2nd generation."""

    memory: str  # 128Mi to 32Gi
    cpu: float  # whole vCPUs are needed for a concurrency above 1
    timeout: int  # seconds; at most 3600 for HTTP and 540 for messages
    concurrency: int  # requests at once in one instance, 1 to 1000
    max_instances: int
    min_instances: int


@dataclass(frozen=True)
class Retries:
    """The policy of delivering a message again after a failure (limits are Pub/Sub's)."""

    attempts: int  # 5 to 100 deliveries, then the dead-letter topic
    min_backoff: int  # seconds, 0 to 600
    max_backoff: int


@dataclass(frozen=True)
class HttpOperation:
    """A function behind one HTTP route."""

    method: str
    path: str
    handler: Callable[..., Any]
    prepare: Callable[..., Any] | None
    status: int
    or_status: int | None  # what the same body may come with too: 202 when none waits
    media_types: tuple[str, ...]  # of an answer, and of a body, that the handler makes and reads
    location: str  # of what a 201 or 202 made: an address with fields of the answer, or nothing
    public: bool  # needs no credentials
    action: str | None  # what the activity log calls it
    secret: bool  # the answer holds a secret, so it is never stored for a replay
    publishes: tuple[type[Message], ...]
    max_body: int  # bytes
    if_larger: str  # what a client may do instead, in a sentence for the 413
    errors: Callable[[AppError], Document] | None  # how a protocol of its own says them
    waits_for: type[Base] | None  # the job's table: `?wait=` answers when its status is a last one
    terms: Terms

    @property
    def methods(self) -> tuple[str, ...]:
        """HTTP methods of the route: HEAD wherever it takes GET (RFC 9110, section 9.1)."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Parameters of the handler and of what prepares its work; each once.

        Raises `DeclarationError` when the path's parameters and the signatures' differ.
        """
        handler = read_http_parameters(self.handler, self.path, prepared=self.prepare is not None)
        prepare = read_http_parameters(self.prepare, self.path) if self.prepare else ()
        taken = {one.name: one for one in (*prepare, *handler) if one.source != "prepared"}
        if self.waits_for is not None:
            taken[WAITING.name] = WAITING
        in_path = {one.name for one in taken.values() if one.source == "path"}
        if missing := set(PATH_PARAMETER.findall(self.path)) - in_path:
            names = ", ".join(sorted(missing))
            raise DeclarationError(f"{get_name(self.handler)} does not take {names}")
        return tuple(taken.values())

    @property
    def takes_bytes(self) -> bool:
        """Return whether the handler reads the body itself."""
        kinds = [parameter.type for parameter in self.parameters]
        return Sent in kinds and all(one.source != "body" for one in self.parameters)

    @property
    def takes_cookies(self) -> bool:
        """Return whether the handler reads the tokens in a browser's cookies itself."""
        return any(parameter.type is SessionCookies for parameter in self.parameters)

    @property
    def answers(self) -> Any:
        """The handler's return type."""
        return get_type_hints(self.handler)["return"]


@dataclass(frozen=True)
class MessageOperation:
    """A function behind a push subscription to its message's topic."""

    message: type[Message]
    handler: Callable[..., Any]
    prepare: Callable[..., Any] | None
    publishes: tuple[type[Message], ...]
    tracked: bool  # every attempt leaves a row in job_stats
    retries: Retries
    terms: Terms

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The handler's parameters in order."""
        return read_message_parameters(
            self.handler, self.message, prepared=self.prepare is not None
        )


Operation = HttpOperation | MessageOperation


def get_bundle(handler: Callable[..., Any]) -> str:
    """Return the bundle that a handler belongs to: `images` for `functions/images/get.py`."""
    return handler.__module__.split(".")[-2]


def get_name(handler: Callable[..., Any]) -> str:
    """Return the function's name: `images_get` for `functions/images/get.py`."""
    return f"{get_bundle(handler)}_{handler.__module__.rsplit('.', 1)[-1].rstrip('_')}"


@cache
def read_http_parameters(
    handler: Callable[..., Any], path: str, *, prepared: bool = False
) -> tuple[Parameter, ...]:
    """Return the parameters of a route's handler; the first is what `prepare` made, where one does.

    Raises `DeclarationError` when there is no parameter for that.
    """
    in_path = PATH_PARAMETER.findall(path)
    found: list[Parameter] = []
    for name, hint in _read_hints(handler).items():
        if prepared and not found:
            source: Source = "prepared"
        elif name in in_path:
            source = "path"
        elif _is_subclass(hint, Input):
            source = "body"
        elif _is_subclass(hint, Query):
            source = "query"
        else:
            source = "service"
        found.append(Parameter(name, hint, source))
    if prepared and not found:
        raise DeclarationError(f"{get_name(handler)} must take first what is prepared for it")
    return tuple(found)


@cache
def read_message_parameters(
    handler: Callable[..., Any], message: type[Message], *, prepared: bool = False
) -> tuple[Parameter, ...]:
    """Return the parameters of a message's handler; the first is the message or its preparation.

    Raises `DeclarationError` when the first parameter is of another type.
    """
    hints = list(_read_hints(handler).items())
    if not hints or not (prepared or hints[0][1] is message):
        raise DeclarationError(f"{get_name(handler)} must take a {message.__name__} first")
    (first, first_type), rest = hints[0], hints[1:]
    return (
        Parameter(first, first_type, "prepared" if prepared else "message"),
        *(
            Parameter(name, hint, "message" if hint is message else "service")
            for name, hint in rest
        ),
    )


def _read_hints(handler: Callable[..., Any]) -> dict[str, Any]:
    hints = get_type_hints(handler)
    return {name: hints[name] for name in inspect.signature(handler).parameters}


def _is_subclass(hint: Any, base: type) -> bool:
    return isinstance(hint, type) and issubclass(hint, base)
