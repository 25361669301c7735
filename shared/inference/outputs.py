"""Turns a model's outputs into JSON, and into the labels that they mean."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

from shared.inference.errors import PredictionFailed
from shared.inference.quantization import dequantize, find_quantization
from shared.inference.tensors import Array, datatype_of
from shared.schemas.models import TensorSchema

_MOST_LABELS = 5  # of one row, best first
MOST_VALUES = 2**20  # as JSON: each takes a hundred bytes on its way
_TOLERANCE = 1e-3  # of a row of probabilities that ought to add up to 1
_ROUNDED = 0.25  # the most that integers may add to that


def tensors_to_json(outputs: Mapping[str, Array]) -> dict[str, Any]:
    """Return tensors as nested lists.

    Raises `PredictionFailed` for NaN and for bytes that are no text, neither of which JSON has, and
    for more values than a function has memory for as JSON.
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
    return {name: _to_lists(name, array) for name, array in outputs.items()}


def fits_jsonb(array: Array) -> bool:
    """Return whether PostgreSQL's jsonb takes an array's values: it has no U+0000."""
    return array.dtype.kind != "O" or not any(b"\0" in one for one in array.ravel().tolist())


def summarise_tensors(arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Return what is kept in place of large tensors: type, shape, and the range of their values."""
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


def find_labels(
    outputs: Mapping[str, Array], schema: Sequence[TensorSchema], names: Sequence[str] | None
) -> list[list[dict[str, Any]]] | None:
    """Return the best labels of each row with scores; None for a model that does not classify.

    Columns of scores are named by `names`, which the owner gives, else by the model's classes. A
    model without names classifies in two cases: it has an output with a label for each row, which
    then has no score; or each row of scores is one of probabilities, and labels are the columns'
    numbers. Where a model gives both, its label comes first, whatever its score.

    Scores that are probabilities stay as they are; of others the softmax is taken. Quantized
    integers count as the real numbers that they stand for. Integers without a quantization only
    give the order of the labels, which then have no scores.
    """
    said = read_labels(outputs, schema)
    scored = [(one, outputs[one.name]) for one in schema if is_scores(one, outputs[one.name])]
    for tensor, array in scored:
        known = names or tensor.labels or []
        if len(known) == array.shape[1]:
            first = _find_columns(said or [], tensor.labels or [], len(array))
            scores = _to_probabilities(tensor, array)
            return [
                _list_best(row, known, column) for row, column in zip(scores, first, strict=True)
            ]
    if said is not None:
        return [[{"label": one, "score": None}] for one in said]
    for tensor, array in scored:
        if not names and are_probabilities(*_to_real(tensor, array)):
            indices = [str(index) for index in range(array.shape[1])]
            return [_list_best(row, indices) for row in _to_probabilities(tensor, array)]
    return _rank_integers(outputs, schema, names) if names else None


def read_labels(outputs: Mapping[str, Array], schema: Sequence[TensorSchema]) -> list[str] | None:
    """Return the label of each row, where an output is one integer or text for each.

    It may stand in a column of its own, as skl2onnx writes it for OneVsOneClassifier.

    Raises `PredictionFailed` for labels that are no texts.
    """
    for tensor in schema:
        array = outputs[tensor.name]
        one_each = array.ndim == 1 or array.shape[1:] == (1,)
        if one_each and array.dtype.kind in "iuO" and not find_quantization(tensor):
            return [str(one) for one in _to_lists(tensor.name, array.ravel())]
    return None


def is_scores(tensor: TensorSchema, array: Array) -> bool:
    """Return whether an output may be one score for each class, in columns."""
    real = array.dtype.kind == "f" or find_quantization(tensor) is not None
    return real and array.ndim == 2 and array.shape[1] > 1


def _find_columns(said: Sequence[str], classes: Sequence[str], rows: int) -> Sequence[int | None]:
    """Return the column of each row's label; None for a label that is none of the classes."""
    if len(said) != rows:
        return [None] * rows
    places = {name: column for column, name in enumerate(classes)}
    return [places.get(label.strip()) for label in said]


def _to_lists(name: str, array: Array) -> Any:
    if array.dtype.kind != "O":
        return array.tolist()
    texts = np.empty(array.size, dtype=object)
    try:
        texts[:] = [one.decode() for one in array.ravel().tolist()]
    except UnicodeDecodeError:
        raise PredictionFailed(
            "invalid_output",
            f"The model's output {name} holds bytes that are no UTF-8, which JSON does not have; "
            "the Open Inference Protocol sends them as bytes.",
        ) from None
    return texts.reshape(array.shape).tolist()


def _rank_integers(
    outputs: Mapping[str, Array], schema: Sequence[TensorSchema], names: Sequence[str]
) -> list[list[dict[str, Any]]] | None:
    """Return labels by the order of integers that stand for unknown numbers, without scores."""
    for tensor in schema:
        array = outputs[tensor.name]
        if array.dtype.kind in "iu" and array.ndim == 2 and array.shape[1] == len(names) > 1:
            return [
                [{**one, "score": None} for one in _list_best(row, names)]
                for row in array.astype(np.float64)
            ]
    return None


def _list_best(row: Array, names: Sequence[str], first: int | None = None) -> list[dict[str, Any]]:
    best = np.argsort(-row, kind="stable")
    if first is not None:
        best = np.concatenate(([first], best[best != first]))
    return [
        {"label": names[index], "score": round(float(row[index]), 6)}
        for index in best[:_MOST_LABELS]
    ]


def are_probabilities(rows: Array, tolerance: float = _TOLERANCE) -> bool:
    """Return whether each row of scores is one of probabilities: of no less than 0, 1 in all."""
    # Of infinity, which `tensors_to_json` refuses, and of numbers near it.
    with np.errstate(invalid="ignore", over="ignore"):
        sums = rows.sum(axis=1, dtype=np.float64)
        return bool((rows >= 0).all() and np.allclose(sums, 1, rtol=0, atol=tolerance))


def _to_real(tensor: TensorSchema, scores: Array) -> tuple[Array, float]:
    """Return scores as real numbers, and by how much a row of probabilities may differ from 1."""
    if not (numbers := find_quantization(tensor)):
        return scores.astype(np.float64), _TOLERANCE
    # Each is rounded by up to half a step; 1 itself is often a step beyond what integers stand for.
    rounded = min(_ROUNDED, numbers.scale * (1 + scores.shape[1] / 2))
    return dequantize(scores, numbers).astype(np.float64), _TOLERANCE + rounded


def _to_probabilities(tensor: TensorSchema, scores: Array) -> Array:
    rows, tolerance = _to_real(tensor, scores)
    if are_probabilities(rows, tolerance):
        return rows
    with np.errstate(invalid="ignore", over="ignore"):
        raised = np.exp(rows - rows.max(axis=1, keepdims=True))
        softmax: Array = raised / raised.sum(axis=1, keepdims=True)
    return softmax
