"""What a model's outputs are as JSON, and which labels they mean."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

from shared.inference.errors import PredictionFailed
from shared.inference.tensors import Array, datatype_of
from shared.schemas.models import TensorSchema

_MOST_LABELS = 5  # of one row, best first
MOST_VALUES = 2**20  # as JSON: each takes a hundred bytes on its way
_TOLERANCE = 1e-3  # of a row of probabilities that ought to add up to 1


def as_json(outputs: Mapping[str, Array]) -> dict[str, Any]:
    """Outputs as nested lists.

    Raises `PredictionFailed` for NaN, which JSON does not have, and for more values than a
    function has memory for as JSON.
    """
    if (values := sum(array.size for array in outputs.values())) > MOST_VALUES:
        raise PredictionFailed(
            "invalid_output",
            f"The model's outputs hold {values} values; up to {MOST_VALUES} are sent as JSON, "
            "more as bytes by the Open Inference Protocol.",
        )
    for name, array in outputs.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise PredictionFailed(
                "invalid_output", f"The model's output {name} holds NaN or infinity."
            )
    return {name: _plain(array) for name, array in outputs.items()}


def summary(arrays: Mapping[str, Array]) -> dict[str, Any]:
    """What is kept in place of large tensors: type, shape, and the range of their values."""
    found: dict[str, Any] = {}
    for name, array in arrays.items():
        about: dict[str, Any] = {"datatype": datatype_of(array), "shape": list(array.shape)}
        if array.dtype.kind in "iuf" and array.size and np.isfinite(array).all():
            with np.errstate(over="ignore"):  # the sum of numbers may be larger than any number
                mean = float(array.mean(dtype=np.float64))
            about |= {"min": float(array.min()), "max": float(array.max())}
            about |= {"mean": mean} if isfinite(mean) else {}
        found[name] = about
    return found


def labels_of(
    outputs: Mapping[str, Array], schema: Sequence[TensorSchema], names: Sequence[str] | None
) -> list[list[dict[str, Any]]] | None:
    """The best labels of each row with their scores; None for a model that does not classify.

    Scores are the model's own where they are probabilities, else their softmax. `names` are those
    that the owner gives; without them the model's classes count.
    """
    for tensor in schema:
        array = outputs[tensor.name]
        if array.dtype.kind == "f" and array.ndim == 2 and array.shape[1] > 1:
            known = names or tensor.labels or []
            texts = (
                list(known)
                if len(known) == array.shape[1]
                else [str(index) for index in range(array.shape[1])]
            )
            return [_best(row, texts) for row in _probabilities(array)]
    for tensor in schema:
        array = outputs[tensor.name]
        if array.ndim == 1 and array.dtype.kind in "iuO":
            return [[{"label": str(one), "score": None}] for one in _plain(array)]
    return None


def _plain(array: Array) -> Any:
    if array.dtype.kind == "O":
        # PostgreSQL's jsonb has no U+0000.
        flat = [
            one.decode("utf-8", "replace").replace("\0", "\ufffd") for one in array.ravel().tolist()
        ]
        return np.array(flat, dtype=object).reshape(array.shape).tolist()
    return array.tolist()


def _best(row: Array, names: Sequence[str]) -> list[dict[str, Any]]:
    best = np.argsort(-row, kind="stable")[:_MOST_LABELS]
    return [{"label": names[index], "score": round(float(row[index]), 6)} for index in best]


def _probabilities(scores: Array) -> Array:
    rows = scores.astype(np.float64)
    # Of infinity, which `as_json` refuses, and of numbers near it.
    with np.errstate(invalid="ignore", over="ignore"):
        if (rows >= 0).all() and np.allclose(rows.sum(axis=1), 1, atol=_TOLERANCE):
            return rows
        raised = np.exp(rows - rows.max(axis=1, keepdims=True))
        softmax: Array = raised / raised.sum(axis=1, keepdims=True)
    return softmax
