"""The plain functions that are deployed; each carries its declaration."""

from collections.abc import Callable
from types import FunctionType
from typing import Any, cast

from flask import Request, Response

from shared.declarations import Operation, get_name


def get_operation(function: Any) -> Operation | None:
    """Return the declaration that a deployed function carries, or None for anything else."""
    return getattr(function, "operation", None)


def name_entry(entry: Callable[[Request], Response], operation: Operation) -> FunctionType:
    """Name the plain function that functions-framework wants after the deployment's target."""
    function = cast(FunctionType, entry)
    function.__name__ = function.__qualname__ = get_name(operation.handler)
    function.__doc__ = operation.handler.__doc__
    function.operation = operation  # type: ignore[attr-defined]
    return function
