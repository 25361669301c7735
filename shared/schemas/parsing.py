"""JSON as it comes in requests."""

import json
import re
from typing import Any, NoReturn

from pydantic_core import from_json

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # an escape of half a surrogate pair, or of a whole one


def parse_json(data: bytes) -> Any:
    """Return the value of JSON in UTF-8. Raises `ValueError` or `RecursionError`.

    NaN and Infinity are refused. Escapes may spell half a surrogate pair, which is no text (RFC
    8259, section 8.2). It stays in its string, so that a schema refuses that one with its place.
    """
    try:
        return from_json(data, allow_inf_nan=False)
    except ValueError:
        if not _HALF.search(data):
            raise
    return json.loads(data.decode(), parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
