"""Answers of engines: JSON that strangers wrote, read without trust in its shape."""

import html
import json
import re
from typing import Any

MAX_BYTES = 4 * 1024 * 1024  # of an answer; a page of 100 results takes some 200 KB
_MAX_MARKUP = 4000  # characters that are looked at
_TAG = re.compile(r"<[^<>]*>")


class MalformedAnswer(ValueError):
    """The answer is not in the shape that the engine documents."""


def parse_answer(body: bytes) -> Any:
    """Return an answer's JSON. Raises `MalformedAnswer`, also where it is nested too deep."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedAnswer("the answer is not JSON") from None


def find_value(value: Any, *path: str) -> Any:
    """Return what stands below names in nested objects, or None where one is not there."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def find_number(value: Any, *path: str) -> int | None:
    """Return a whole number below names, written as one or as its digits, or None."""
    found = find_value(value, *path)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 10:
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def require_list(value: Any, *path: str) -> list[Any]:
    """Return the list below names. Raises `MalformedAnswer` where there is none."""
    found = find_value(value, *path)
    if not isinstance(found, list):
        raise MalformedAnswer(f"the answer has no list of {path[-1]}")
    return found


def strip_markup(value: Any) -> str | None:
    """Return the text of a piece of HTML, for people to read, or None for what is no text."""
    if not isinstance(value, str):
        return None
    return html.unescape(_TAG.sub(" ", value[:_MAX_MARKUP])).strip() or None
