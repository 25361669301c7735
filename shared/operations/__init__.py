"""Operations: how functions are declared, and how they are found.

The names load on first use: functions behind routes start without what handles pushes.
"""

from typing import TYPE_CHECKING

from shared.lazy import load_on_use

if TYPE_CHECKING:
    from shared.operations.entries import get_operation
    from shared.operations.routes import http
    from shared.operations.subscriptions import on

__all__ = ["get_operation", "http", "on"]

__getattr__ = load_on_use(
    __name__,
    {"entries": ("get_operation",), "routes": ("http",), "subscriptions": ("on",)},
)
