"""Compares what a caller sends with what a model takes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from shared.inference.errors import PredictionFailed
from shared.inference.tensors import DTYPES, Array, datatype_of
from shared.schemas.errors import make_pointer
from shared.schemas.models import TensorSchema

_INTEGERS, _NUMBERS = "iu", "iuf"


def to_arrays(
    values: Mapping[str, Any], schema: Sequence[TensorSchema], most: int
) -> dict[str, Array]:
    """Return nested lists as the arrays that a model takes.

    Raises `PredictionFailed` (`invalid_input`) that names every field that is wrong, and how.
    """
    problems: list[dict[str, str]] = []
    arrays: dict[str, Array] = {}
    known = {tensor.name: tensor for tensor in schema}
    for name, value in values.items():
        if name not in known:
            continue
        try:
            arrays[name] = _to_array(value, known[name])
        except (ValueError, OverflowError) as error:
            problems.append(_make_problem(name, str(error)))
    problems += _find_unknown_and_missing(values, known)
    if problems:
        raise _make_error(problems)
    check_inputs(arrays, schema, most)
    return arrays


def check_inputs(arrays: Mapping[str, Array], schema: Sequence[TensorSchema], most: int) -> None:
    """Raise `PredictionFailed` unless names, types, shapes and values are what a model takes.

    `most` is how many rows may come at once.
    """
    known = {tensor.name: tensor for tensor in schema}
    problems = _find_unknown_and_missing(arrays, known)
    problems += [
        _make_problem(name, wrong)
        for name, array in arrays.items()
        if name in known and (wrong := _find_problem(array, known[name], most))
    ]
    sizes = {
        len(arrays[name])
        for name, tensor in known.items()
        if name in arrays and tensor.shape[:1] == [-1] and arrays[name].ndim
    }
    if not problems and len(sizes) > 1:
        counts = ", ".join(map(str, sorted(sizes)))
        problems.append(
            {"pointer": "/inputs", "detail": f"have different numbers of rows: {counts}"}
        )
    if problems:
        raise _make_error(problems)


def count_rows(arrays: Mapping[str, Array], schema: Sequence[TensorSchema]) -> int:
    """Return the number of rows of inputs; 1 for a model that takes no batches."""
    for tensor in schema:
        if tensor.shape[:1] == [-1]:
            return len(arrays[tensor.name])
    return 1


def _to_array(value: Any, tensor: TensorSchema) -> Array:
    """Return nested lists as an array.

    Raises `ValueError` or `OverflowError` with what is wrong.
    """
    if tensor.datatype == "BYTES":
        return _to_text_array(value)
    try:
        array = np.array(value)
    except ValueError:
        raise ValueError(f"must be {tensor}; its rows differ in length or depth") from None
    wanted = DTYPES[tensor.datatype]
    if array.size == 0:
        return array.astype(wanted)
    accepted = {"b": "b", "f": _NUMBERS}.get(wanted.kind, _INTEGERS)
    if (
        accepted == _INTEGERS
        and array.dtype.kind in "fO"
        and (exact := _to_integers(value)) is not None
    ):
        array = exact
    elif array.dtype.kind not in accepted:
        raise ValueError(f"must be {tensor}; it holds {_describe_values(array)}")
    if wanted.kind in _INTEGERS:
        bounds = np.iinfo(wanted)
        if array.min() < bounds.min or array.max() > bounds.max:
            raise ValueError(f"must be {tensor}; a number is outside {bounds.min} to {bounds.max}")
    with np.errstate(over="ignore"):
        return array.astype(wanted)


def _to_integers(value: Any) -> Array | None:
    """Return nested lists of whole numbers as exact integers; None where a value is none.

    For integers beyond int64 numpy makes floats, or objects.
    """
    exact = np.array(value, dtype=object)
    return exact if all(type(one) is int for one in exact.flat) else None


def _to_text_array(value: Any) -> Array:
    shape: list[int] = []
    level = value
    while isinstance(level, list):
        shape.append(len(level))
        level = level[0] if level else None
    flat: list[Any] = value if isinstance(value, list) else [value]
    for _ in shape[1:]:
        if any(not isinstance(row, list) for row in flat):
            raise ValueError("must be strings; its rows differ in depth")
        flat = [one for row in flat for one in row]
    if any(not isinstance(one, str) for one in flat):
        raise ValueError("must be strings")
    array = np.empty(len(flat), dtype=object)
    array[:] = [one.encode() for one in flat]
    try:
        return array.reshape(shape)
    except ValueError:
        raise ValueError("must be strings; its rows differ in length") from None


def _describe_values(array: Array) -> str:
    kinds = {"b": "booleans", "U": "strings", "f": "fractions", "O": "null or mixed values"}
    return kinds.get(array.dtype.kind, "other values")


def _find_problem(array: Array, tensor: TensorSchema, most: int) -> str | None:
    """Return what is wrong with an array, None where nothing is."""
    if datatype_of(array) != tensor.datatype:
        return f"must be {tensor}; it is {datatype_of(array)}"
    fits = len(array.shape) == len(tensor.shape) and all(
        wanted in (-1, side) for side, wanted in zip(array.shape, tensor.shape, strict=True)
    )
    if not fits:
        return f"must be {tensor}; it has the shape {list(array.shape)}"
    if 0 in array.shape:
        return f"must be {tensor}; it is empty"
    if tensor.shape[:1] == [-1] and len(array) > most:
        return f"has {len(array)} rows; at most {most} are taken at once"
    if array.dtype.kind == "O" and (place := _find_other_bytes(array)) is not None:
        return f"must be texts in UTF-8; element {place} is none"
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return f"holds NaN or a number beyond the range of {tensor.datatype}"
    return None


def _find_other_bytes(array: Array) -> int | None:
    """Return the place of the first string that is no UTF-8, in row-major order."""
    for place, one in enumerate(array.ravel().tolist()):
        try:
            one.decode()
        except UnicodeDecodeError:
            return place
    return None


def _find_unknown_and_missing(
    given: Mapping[str, Any], known: Mapping[str, TensorSchema]
) -> list[dict[str, str]]:
    names = ", ".join(known)
    return [
        *(
            _make_problem(name, f"is not an input of this model; it takes {names}")
            for name in given
            if name not in known
        ),
        *(
            _make_problem(name, f"is required: {tensor}")
            for name, tensor in known.items()
            if name not in given
        ),
    ]


def _make_problem(name: str, detail: str) -> dict[str, str]:
    return {"pointer": make_pointer(["inputs", name]), "detail": detail}


def _make_error(problems: Sequence[dict[str, str]]) -> PredictionFailed:
    first = problems[0]
    detail = f"{first['pointer']} {first['detail']}."
    return PredictionFailed("invalid_input", detail, problems)
