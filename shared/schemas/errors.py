"""Problem details (RFC 9457) and what a failed validation tells the caller."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

_MAX_PROBLEMS = 100

# Pydantic's own messages may quote the input; these never do.
_DETAILS = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "string_type": "must be a string",
    "string_unicode": "must be valid Unicode text",
    "string_too_short": "must have {min_length} or more characters",
    "string_too_long": "must have {max_length} or fewer characters",
    "string_pattern_mismatch": "must match {pattern}",
    "too_short": "must have {min_length} or more items",
    "too_long": "must have {max_length} or fewer items",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "literal_error": "must be {expected}",
    "uuid_type": "must be a UUID",
    "uuid_parsing": "must be a UUID",
    "timezone_aware": "must have a time zone",
}


class FieldProblem(BaseModel):
    """One rule that the request breaks, at one place in it."""

    pointer: str
    """JSON pointer (RFC 6901) to the value in the body, or the parameter's name with a slash before
    it.
    """
    detail: str
    """Rule that it breaks, in words that follow the value's name."""


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    """`about:blank`: the status says what kind of problem it is."""
    title: str
    """The status in words."""
    status: int
    """HTTP status of the answer."""
    detail: str
    """What is wrong and what to do, for a person."""
    instance: str
    """Id of the request, which logs have too."""
    errors: list[FieldProblem] | None = None
    """Rules that the request breaks, the first 100; with 422 only."""


def list_problems(error: ValidationError) -> list[dict[str, str]]:
    """Return the first 100 errors as ``{"pointer", "detail"}``, made for `shared.errors.Invalid`.

    Pointers follow RFC 6901. A detail repeats nothing of what was sent.
    """
    found = error.errors(include_url=False, include_input=False)
    return [
        {
            "pointer": make_pointer(
                _make_path(problem["loc"], problem["type"], problem.get("ctx", {}))
            ),
            "detail": _describe_problem(problem["type"], problem["msg"], problem.get("ctx", {})),
        }
        for problem in found[:_MAX_PROBLEMS]
    ]


def make_pointer(path: Sequence[str | int]) -> str:
    """Return a JSON pointer (RFC 6901) to the value at `path`; the empty path is the whole body."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _make_path(loc: tuple[str | int, ...], kind: str, context: dict[str, Any]) -> list[str | int]:
    """Drop from `loc` the steps that pydantic adds for a union's branch and for a dict's key."""
    if kind in ("finite_number", "string_unicode"):  # all that is wrong with what is any JSON
        loc = _drop_json_kinds(loc)
    last = len(loc) - 1
    path = [
        step
        for index, step in enumerate(loc)
        # The name of an unknown field is the caller's own and may look like anything.
        if (kind == "extra_forbidden" and index == last) or not _is_annotation(step)
    ]
    return [*path, *context.get("path", [])]


def _drop_json_kinds(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Drop from `loc` the kinds that pydantic tells of each value inside a `JsonValue`.

    As in ("inputs", "X", "list", 0, "dict", "a", "float"): before each step inside it, and last.
    """
    for start in range(len(loc)):
        kinds, steps = loc[start::2], loc[start + 1 :: 2]
        inside = tuple("list" if isinstance(step, int) else "dict" for step in steps)
        if kinds in ((*inside, "float"), (*inside, "str"), (*inside, "[key]")):
            return (*loc[:start], *steps)
    return loc


def _is_annotation(step: str | int) -> bool:
    return isinstance(step, str) and (step == "[key]" or (step[:1] == "<" and step[-1:] == ">"))


def _describe_problem(kind: str, message: str, context: dict[str, Any]) -> str:
    if kind == "refused":
        return message
    if kind in ("too_long", "too_short") and context["field_type"] == "Value":
        kind = f"string_{kind}"  # so pydantic calls text that another validator has seen before
    if kind == "value_error":
        return str(context["error"])
    return _DETAILS.get(kind, "is not valid").format_map(context)
