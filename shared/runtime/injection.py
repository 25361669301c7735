"""Gives a handler the values that its parameters ask for, by type."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from shared.calls import Caller, Received, RequestInfo, Sent
from shared.declarations import DeclarationError, Parameter
from shared.outbox import Outbox
from shared.services import services

# By qualified name, so that nothing is imported that no handler of this process asks for.
_CLIENTS: dict[str, Callable[[], Any]] = {
    "shared.settings.Settings": lambda: services().settings,
    "shared.storage.Storage": lambda: services().storage,
    "shared.outbox.Publisher": lambda: services().publisher,
    "shared.analysis.gemini.Gemini": lambda: services().gemini,
    "shared.inference.serving.Models": lambda: services().models,
    "shared.fetching.addresses.AddressPolicy": lambda: services().addresses,
    "sqlalchemy.engine.base.Engine": lambda: services().engine,
    "shared.services.Services": services,
}
_OF_THE_CALL: dict[str, set[type]] = {
    "http": {Session, Outbox, Caller, RequestInfo, Sent},
    "message": {Session, Outbox, Received},
}


def qualified(kind: Any) -> str:
    """A type's module and name."""
    return f"{kind.__module__}.{kind.__qualname__}"


def check_services(parameters: tuple[Parameter, ...], trigger: str) -> None:
    """Raises `DeclarationError` for a parameter that nothing can provide."""
    for one in parameters:
        if one.source != "service":
            continue
        if one.type not in _OF_THE_CALL[trigger] and qualified(one.type) not in _CLIENTS:
            raise DeclarationError(f"nothing provides {one.name}: {qualified(one.type)}")


def provide(parameter: Parameter, of_the_call: Mapping[type, Any]) -> Any:
    """The value for a service parameter: the call's own, or a client of this process."""
    if parameter.type in of_the_call:
        return of_the_call[parameter.type]
    return _CLIENTS[qualified(parameter.type)]()
