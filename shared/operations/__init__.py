"""Operations: how functions are declared, and how they are found."""

from shared.operations.declare import get_operation, http, on

__all__ = ["get_operation", "http", "on"]
