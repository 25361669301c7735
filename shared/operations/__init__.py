"""Operations: how functions are declared, and how they are found."""

from shared.operations.declare import http, on, operation_of

__all__ = ["http", "on", "operation_of"]
