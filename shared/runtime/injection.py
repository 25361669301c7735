"""Gives a handler the values that its parameters ask for, by type."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from shared.calls import Caller, Precondition, Received, RequestInfo, Sent, SessionCookies
from shared.declarations import DeclarationError, Parameter
from shared.messaging.outbox import Outbox
from shared.services import CLIENTS, services

_OF_THE_CALL: dict[str, set[type]] = {
    "http": {Session, Outbox, Caller, RequestInfo, Sent, SessionCookies, Precondition},
    "message": {Session, Outbox, Received},
}


def qualify(kind: Any) -> str:
    """Return a type's module and name."""
    return f"{kind.__module__}.{kind.__qualname__}"


def check_services(parameters: tuple[Parameter, ...], trigger: str) -> None:
    """Raise `DeclarationError` for a parameter that nothing can provide."""
    for one in parameters:
        if one.source != "service":
            continue
        if one.type not in _OF_THE_CALL[trigger] and qualify(one.type) not in CLIENTS:
            raise DeclarationError(f"nothing provides {one.name}: {qualify(one.type)}")


def fill_parameters(
    parameters: tuple[Parameter, ...],
    of_the_call: Mapping[type, Any],
    *,
    given: Mapping[str, Any] = MappingProxyType({}),
    **sources: Any,
) -> dict[str, Any]:
    """Return a value for each parameter, by its name.

    `of_the_call` holds the call's own services, `given` what a request names, and `sources` the
    value of a source that is one thing: `message` or `prepared`.
    """
    found: dict[str, Any] = {}
    for one in parameters:
        if one.source in sources:
            found[one.name] = sources[one.source]
        elif one.source != "service":
            found[one.name] = given[one.name]
        elif one.type in of_the_call:
            found[one.name] = of_the_call[one.type]
        else:
            found[one.name] = services().build_once(CLIENTS[qualify(one.type)])
    return found
