"""JSON as it comes in requests."""

import json
import re
from typing import Any, NamedTuple, NoReturn

from pydantic_core import from_json

from shared.texts import has_half_pair

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # an escape of half a surrogate pair, or of a whole one


def parse_request_json(data: bytes) -> Any:
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


class _Step(NamedTuple):
    """A step of a path, and the one before it: a path is only made of what is found."""

    before: "_Step | None"
    name: str | int


def find_half_pair(value: Any) -> list[str | int] | None:
    """Return the path to a text inside JSON that holds half of a surrogate pair; None for none.

    Of an object with such a name the path is its own.
    """
    waiting: list[tuple[_Step | None, Any]] = [(None, value)]
    while waiting:
        step, one = waiting.pop()
        if isinstance(one, dict):
            if any(map(has_half_pair, one)):
                return _list_steps(step)
            waiting += [(_Step(step, name), inner) for name, inner in one.items()]
        elif isinstance(one, list):
            waiting += [(_Step(step, place), inner) for place, inner in enumerate(one)]
        elif isinstance(one, str) and has_half_pair(one):
            return _list_steps(step)
    return None


def _list_steps(last: _Step | None) -> list[str | int]:
    path = []
    while last is not None:
        path.append(last.name)
        last = last.before
    return path[::-1]
