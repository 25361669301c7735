"""Finds every declared function by looking through the bundles; there is no registry to keep."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.declarations import HttpOperation, MessageOperation, Operation, get_bundle, get_name
from shared.operations import get_operation

ROOT = Path(__file__).resolve().parents[2] / "functions"


@dataclass(frozen=True)
class Function:
    """A deployable function."""

    name: str  # images_get: the target inside its bundle's main.py
    operation: Operation

    @property
    def bundle(self) -> str:
        """The bundle that it is shipped in."""
        return get_bundle(self.operation.handler)

    @property
    def service(self) -> str:
        """Its name as a deployed service: `images-get`."""
        return self.name.replace("_", "-")

    @property
    def source(self) -> Path:
        """The file that functions-framework loads."""
        return ROOT / self.bundle / "main.py"

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return (self.operation.handler.__doc__ or "").strip().splitlines()[0].rstrip(".")


def list_bundles() -> list[str]:
    """Return the bundles' names in alphabetical order."""
    return sorted(path.parent.name for path in ROOT.glob("*/main.py"))


def list_bundle_functions(bundle: str) -> list[Function]:
    """Return the functions that a bundle's table of contents declares, in its order."""
    module = importlib.import_module(f"functions.{bundle}.main")
    return [
        Function(get_name(operation.handler), operation)
        for value in vars(module).values()
        if (operation := get_operation(value)) is not None
    ]


@cache
def list_functions() -> tuple[Function, ...]:
    """Return every function of every bundle."""
    return tuple(
        function for bundle in list_bundles() for function in list_bundle_functions(bundle)
    )


def list_http_functions() -> Iterator[tuple[Function, HttpOperation]]:
    """Yield the functions behind routes."""
    for function in list_functions():
        if isinstance(function.operation, HttpOperation):
            yield function, function.operation


def list_message_functions() -> Iterator[tuple[Function, MessageOperation]]:
    """Yield the functions behind subscriptions."""
    for function in list_functions():
        if isinstance(function.operation, MessageOperation):
            yield function, function.operation
