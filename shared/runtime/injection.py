"""Gives a handler the values that its parameters ask for, by type."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.declarations import DeclarationError, Parameter
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
_OF_THE_CALL = {
    "http": {
        "sqlalchemy.orm.session.Session",
        "shared.outbox.Outbox",
        "shared.calls.Caller",
        "shared.calls.RequestInfo",
        "shared.calls.Sent",
    },
    "message": {
        "sqlalchemy.orm.session.Session",
        "shared.outbox.Outbox",
        "shared.calls.Received",
    },
}


def qualified(kind: Any) -> str:
    """A type's module and name."""
    return f"{kind.__module__}.{kind.__qualname__}"


def check_services(parameters: tuple[Parameter, ...], trigger: str) -> None:
    """Raises `DeclarationError` for a parameter that nothing can provide."""
    for one in parameters:
        if one.source != "service":
            continue
        if qualified(one.type) not in {*_CLIENTS, *_OF_THE_CALL[trigger]}:
            raise DeclarationError(f"nothing provides {one.name}: {qualified(one.type)}")


def provide(parameter: Parameter, of_the_call: Mapping[str, Any]) -> Any:
    """The value for a service parameter."""
    name = qualified(parameter.type)
    if name in of_the_call:
        return of_the_call[name]
    return _CLIENTS[name]()
