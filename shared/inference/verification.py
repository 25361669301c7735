"""Decides whether a file becomes a model: checked as data, loaded, compared, and tried once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from shared.inference.errors import ModelRejected, PredictionFailed
from shared.inference.formats import add_remedy
from shared.inference.labels import find_misfit
from shared.inference.outputs import is_scores, read_labels
from shared.inference.tensors import DTYPES, Array, datatype_of
from shared.inference.worker import Bounds, Worker
from shared.schemas.errors import list_problems
from shared.schemas.models import (
    MAX_TENSORS,
    ModelType,
    Preprocessing,
    Runtime,
    TensorSchema,
    check_names_once,
)

# Which formats a model of each origin comes in.
_FORMATS: dict[ModelType, tuple[Runtime, ...]] = {
    "onnx": ("onnx",),
    "sklearn": ("onnx", "skops"),
    "pytorch": ("onnx",),
    "tensorflow": ("onnx", "litert"),
}
_SIZES = (1, 8, 32, 64, 224)  # tried for dimensions that neither file nor owner tell
_MOST_ELEMENTS = 16_000_000  # of one generated input


@dataclass(frozen=True)
class Declared:
    """Statements of the owner about a model."""

    model_type: ModelType
    inputs: Sequence[TensorSchema] | None
    outputs: Sequence[TensorSchema] | None
    preprocessing: Preprocessing | None
    labels: Sequence[str] | None = None


@dataclass(frozen=True)
class Verified:
    """Facts about a model: its runtime, its tensors, and the bytes of memory that it takes."""

    runtime: Runtime
    inputs: list[TensorSchema]
    outputs: list[TensorSchema]
    memory: int


def verify(data: bytes, declared: Declared, bounds: Bounds) -> Verified:
    """Find out all about a file.

    Raises `ModelRejected` with the reason, and `PredictionFailed` (`unavailable`) where a library
    is not installed.
    """
    try:
        runtime, modules, classes = _check(data, declared.model_type, bounds)
        with Worker(runtime, modules, bounds) as worker:
            loaded = worker.load(data)
            inputs = _agreed("input_schema", declared.inputs, _tensors(loaded.inputs))
            outputs = _agreed("output_schema", declared.outputs, _tensors(loaded.outputs))
            outputs = _try(worker, inputs, outputs, declared, classes)
            return Verified(runtime, inputs, outputs, loaded.memory)
    except PredictionFailed as error:
        if error.code == "unavailable":
            raise
        raise ModelRejected(add_remedy(error.detail)) from None


def _check(
    data: bytes, model_type: ModelType, bounds: Bounds
) -> tuple[Runtime, list[str], list[str]]:
    with Worker("check", bounds=bounds) as worker:
        found, modules, classes = worker.check(data)
    for runtime in _FORMATS[model_type]:
        if runtime == found:
            return runtime, modules, classes
    served = " or ".join(_FORMATS[model_type])
    raise ModelRejected(
        f"The file is in the format {found}, and its model_type is {model_type}, which comes as "
        f"{served}."
    )


def _tensors(specs: Sequence[dict[str, Any]]) -> list[TensorSchema]:
    if len(specs) > MAX_TENSORS:
        raise ModelRejected(
            f"The model has {len(specs)} inputs or outputs; {MAX_TENSORS} of each are served. "
            "Columns of a table can be one input of several columns."
        )
    try:
        return check_names_once([TensorSchema.model_validate(spec) for spec in specs])
    except (ValidationError, PydanticCustomError):
        raise ModelRejected(
            "The model's tensors have names or shapes that are not usable."
        ) from None


def _agreed(
    what: str, declared: Sequence[TensorSchema] | None, found: list[TensorSchema]
) -> list[TensorSchema]:
    """Return the found tensors, with sizes that only the owner knows. Raises `ModelRejected`."""
    if declared is None:
        return found
    said = {tensor.name: tensor for tensor in declared}
    if set(said) != {tensor.name for tensor in found}:
        names = ", ".join(tensor.name for tensor in found)
        raise ModelRejected(f"{what} names {', '.join(said)}; the model has {names}.")
    for tensor in found:
        meant = said[tensor.name]
        if not _suits(meant, tensor):
            raise ModelRejected(
                f"{what} says that {tensor.name} is {meant}; in the model it is {tensor}."
            )
    return [
        tensor.model_copy(
            update={"shape": said[tensor.name].shape, "labels": said[tensor.name].labels}
        )
        for tensor in found
    ]


def _suits(said: TensorSchema, found: TensorSchema) -> bool:
    """Return whether every tensor that the owner means is one that the model has."""
    return (
        said.datatype == found.datatype
        and len(said.shape) == len(found.shape)
        and all(inner in (-1, outer) for outer, inner in zip(said.shape, found.shape, strict=True))
    )


def _try(
    worker: Worker,
    inputs: Sequence[TensorSchema],
    outputs: list[TensorSchema],
    declared: Declared,
    classes: list[str],
) -> list[TensorSchema]:
    """Run the model on generated input; return the outputs as they turn out to be."""
    batches = any(tensor.shape[:1] == [-1] for tensor in inputs)
    size, ran = _first_run(worker, inputs, declared.preprocessing)
    if batches:
        ran = worker.run(_generated(inputs, 2, size, declared.preprocessing))
    named = _named(outputs, ran.outputs, classes)
    agreed = []
    for tensor in outputs:
        array = ran.outputs[tensor.name]
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ModelRejected(
                f"The output {tensor.name} holds NaN or infinity for an ordinary input of 0.5."
            )
        labels = tensor.labels or ran.labels.get(tensor.name) or named.get(tensor.name)
        shape = tensor.shape
        if labels and len(shape) == 2:
            shape = [shape[0], len(labels)]
        one = _with_labels(tensor, labels, shape)
        _check_output(one, array)
        agreed.append(one)
    if declared.labels and (misfit := find_misfit(declared.labels, agreed)):
        raise ModelRejected(misfit)
    return agreed


def _with_labels(tensor: TensorSchema, labels: list[str] | None, shape: list[int]) -> TensorSchema:
    """An output whose columns are known. Raises `ModelRejected` for names that are no texts."""
    try:
        return TensorSchema.model_validate(tensor.model_dump() | {"labels": labels, "shape": shape})
    except ValidationError as wrong:
        first = list_problems(wrong)[0]
        raise ModelRejected(
            f"The classes of the output {tensor.name} cannot be used: {first['pointer']} "
            f"{first['detail']}."
        ) from None


def _named(
    tensors: Sequence[TensorSchema], outputs: Mapping[str, Array], classes: list[str]
) -> dict[str, list[str]]:
    """Return the output whose columns are the classes that the graph tells.

    There is none where two could be, and where the model says a label that is no such class.
    """
    said = read_labels(outputs, tensors) or []
    fitting = [
        tensor.name
        for tensor in tensors
        if is_scores(outputs[tensor.name]) and outputs[tensor.name].shape[1] == len(classes)
    ]
    if len(fitting) != 1 or not {label.strip() for label in said} <= set(classes):
        return {}
    return {fitting[0]: classes}


def _first_run(
    worker: Worker, inputs: Sequence[TensorSchema], preprocessing: Preprocessing | None
) -> tuple[int, Any]:
    """Return the first size of unknown dimensions that the model takes, and what it answers."""
    last = PredictionFailed("model_error")
    for size in _SIZES:
        try:
            return size, worker.run(_generated(inputs, 1, size, preprocessing))
        except PredictionFailed as error:
            if error.code != "model_error":
                raise
            last = error
        if all(-1 not in tensor.shape[1:] for tensor in inputs):
            break
    raise ModelRejected(f"It does not run on generated input. {last.detail}")


def _generated(
    inputs: Sequence[TensorSchema], batch: int, size: int, preprocessing: Preprocessing | None
) -> dict[str, Array]:
    return {tensor.name: _ordinary(tensor, batch, size, preprocessing) for tensor in inputs}


def _ordinary(
    tensor: TensorSchema, batch: int, size: int, preprocessing: Preprocessing | None
) -> Array:
    """Return an input that no model should mind: halves, zeros, empty strings."""
    sides = [size if side == -1 else side for side in tensor.shape]
    if tensor.shape[:1] == [-1]:
        sides[0] = batch
    if preprocessing and len(sides) == 4:
        height, width = (1, 2) if preprocessing.layout == "NHWC" else (2, 3)
        for axis, side in ((height, preprocessing.height), (width, preprocessing.width)):
            if tensor.shape[axis] == -1 and side:
                sides[axis] = side
    if np.prod(sides, dtype=float) > _MOST_ELEMENTS:
        raise ModelRejected(f"The input {tensor.name} is {tensor}, which is too large to serve.")
    dtype = DTYPES[tensor.datatype]
    if dtype.kind == "O":
        return np.full(sides, b"", dtype)
    return np.full(sides, 0.5 if dtype.kind == "f" else 0, dtype)


def _check_output(tensor: TensorSchema, array: Array) -> None:
    fits = (
        datatype_of(array) == tensor.datatype
        and array.ndim == len(tensor.shape)
        and all(w in (-1, s) for s, w in zip(array.shape, tensor.shape, strict=True))
    )
    if not fits:
        raise ModelRejected(
            f"The output {tensor.name} was to be {tensor}, and is {datatype_of(array)} of shape "
            f"{list(array.shape)}."
        )
