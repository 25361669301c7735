"""Further facts about an image, as its source gives them: any JSON within a few bounds."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, JsonValue

from shared.schemas.fields import Name, make_refusal

MAX_METADATA = 8 * 1024  # bytes of one image's, as JSON
_MAX_DEPTH = 16
INTEGERS = range(-(2**63), 2**64)  # of 64 bits, with or without a sign


def _check_values(given: dict[str, Any]) -> dict[str, Any]:
    """Return what can be stored as it is."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), given)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > _MAX_DEPTH:
            raise make_refusal(f"must be nested {_MAX_DEPTH} levels or fewer", *path[:1])
        if isinstance(value, dict):
            if any("\0" in name for name in value):
                raise make_refusal("must not contain the character U+0000", *path)
            waiting += [((*path, name), inner) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, str(place)), inner) for place, inner in enumerate(value)]
        elif isinstance(value, str) and "\0" in value:
            raise make_refusal("must not contain the character U+0000", *path)
        elif isinstance(value, int) and value not in INTEGERS:
            raise make_refusal("must be a number of 64 bits", *path)
    if len(json.dumps(given, ensure_ascii=False).encode()) > MAX_METADATA:
        raise make_refusal(f"must have {MAX_METADATA} or fewer bytes as JSON")
    return given


Metadata = Annotated[dict[Name, JsonValue], AfterValidator(_check_values)]
