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
from shared.inference.probing import Trial
from shared.inference.score_order import find_score_order
from shared.inference.tensors import Array, datatype_of
from shared.inference.worker import Bounds, Worker
from shared.schemas.errors import list_problems
from shared.schemas.models import (
    MAX_TENSORS,
    ModelTensor,
    ModelType,
    Runtime,
    TensorSchema,
    check_names_once,
)
from shared.schemas.preprocessing import Preprocessing

# Which formats a model of each origin comes in.
_FORMATS: dict[ModelType, tuple[Runtime, ...]] = {
    "onnx": ("onnx",),
    "sklearn": ("onnx", "skops"),
    "pytorch": ("onnx",),
    "tensorflow": ("onnx", "litert"),
}


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
    """Facts about a model: its runtime, its tensors, the bytes of memory that it takes.

    `warnings` are sentences for its owner.
    """

    runtime: Runtime
    inputs: list[ModelTensor]
    outputs: list[ModelTensor]
    memory: int
    warnings: list[str]


def verify(data: bytes, declared: Declared, bounds: Bounds) -> Verified:
    """Find out all about a file.

    Raises `ModelRejected` with the reason, and `PredictionFailed` (`unavailable`) where a library
    is not installed.
    """
    try:
        runtime, modules, classes = _check_file(data, declared.model_type, bounds)
        with Worker(runtime, modules, bounds) as worker:
            loaded = worker.load(data)
            inputs = _merge_declared("input_schema", declared.inputs, _read_tensors(loaded.inputs))
            trial = Trial(worker, inputs, declared.preprocessing)
            warnings: list[str] = []
            outputs = _try(trial, _read_tensors(loaded.outputs), declared, classes, warnings)
            outputs = _match_scores(trial, outputs, warnings)
            return Verified(runtime, inputs, outputs, loaded.memory, warnings)
    except PredictionFailed as error:
        if error.code == "unavailable":
            raise
        raise ModelRejected(add_remedy(error.detail)) from None


def _check_file(
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


def _read_tensors(specs: Sequence[dict[str, Any]]) -> list[ModelTensor]:
    if len(specs) > MAX_TENSORS:
        raise ModelRejected(
            f"The model has {len(specs)} inputs or outputs; {MAX_TENSORS} of each are served. "
            "Columns of a table can be one input of several columns."
        )
    try:
        return check_names_once(
            [ModelTensor.model_validate({**spec, "columns": None}) for spec in specs]
        )
    except (ValidationError, PydanticCustomError):
        raise ModelRejected(
            "The model's tensors have names or shapes that are not usable."
        ) from None


def _merge_declared(
    what: str, declared: Sequence[TensorSchema] | None, found: list[ModelTensor]
) -> list[ModelTensor]:
    """Return the found tensors with the shapes and labels that the owner declared.

    Raises `ModelRejected` where the two contradict each other.
    """
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
    trial: Trial,
    outputs: list[ModelTensor],
    declared: Declared,
    classes: list[str],
    warnings: list[str],
) -> list[ModelTensor]:
    """Return the outputs as they turn out to be. Raises `ModelRejected`."""
    ran = trial.last
    for name, array in ran.outputs.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ModelRejected(
                f"The output {name} holds NaN or infinity for an ordinary input of 0.5."
            )
    true = [_correct_shape(tensor, trial, warnings) for tensor in outputs]
    agreed = _merge_declared("output_schema", declared.outputs, true)
    named = _assign_classes(agreed, ran.outputs, classes)
    labelled = []
    for tensor in agreed:
        labels = tensor.labels or ran.labels.get(tensor.name) or named.get(tensor.name)
        shape = tensor.shape
        if labels and len(shape) == 2:
            shape = [shape[0], len(labels)]
        one = _add_labels(tensor, labels, shape)
        _check_output(one, ran.outputs[tensor.name])
        labelled.append(one)
    if declared.labels and (misfit := find_misfit(declared.labels, labelled)):
        raise ModelRejected(misfit)
    return labelled


def _correct_shape(tensor: ModelTensor, trial: Trial, warnings: list[str]) -> ModelTensor:
    """Return an output with the shape that the model gives, whatever its file says.

    Exporters declare shapes that are not so: onnxmltools one label for any number of rows.
    """
    first, last = (ran.outputs[tensor.name] for ran in (trial.first, trial.last))
    if _fits(tensor, first) and _fits(tensor, last):
        return tensor
    if first.ndim != last.ndim:
        raise ModelRejected(
            f"The output {tensor.name} has {first.ndim} dimensions for one row and {last.ndim} "
            "for two."
        )
    declared = tensor.shape if len(tensor.shape) == first.ndim else [None] * first.ndim
    sides = zip(declared, first.shape, last.shape, strict=True)
    true = tensor.model_copy(update={"shape": [_correct_side(*found) for found in sides]})
    warnings.append(
        f"The file says that the output {tensor.name} is {tensor}; the model gives {true}, and "
        "that counts."
    )
    return true


def _correct_side(declared: int | None, first: int, last: int) -> int:
    """Return -1 for a side that may be of any size, by the file or because two runs differ."""
    if declared == -1 or first != last:
        return -1
    return last


def _match_scores(
    trial: Trial, outputs: list[ModelTensor], warnings: list[str]
) -> list[ModelTensor]:
    """Return the outputs, with the order of scores that contradict the label."""
    if not trial.batches or read_labels(trial.last.outputs, outputs) is None:
        return outputs
    scores = [one for one in outputs if one.labels and is_scores(one, trial.last.outputs[one.name])]
    if not scores:
        return outputs
    try:
        ran = trial.run_varied()
    except PredictionFailed:  # it does not take such input, so that nothing is to be learnt
        return outputs
    said = read_labels(ran.outputs, outputs) or []
    matched = {one.name: one for one in outputs}
    for one in scores:
        array = ran.outputs[one.name]
        if array.shape == (len(said), len(one.labels or ())) and np.isfinite(array).all():
            order = find_score_order(one.name, said, array, one.labels or ())
            matched[one.name] = one.model_copy(update={"columns": order.columns})
            warnings += [order.warning] if order.warning else []
    return list(matched.values())


def _add_labels(tensor: ModelTensor, labels: list[str] | None, shape: list[int]) -> ModelTensor:
    """Return an output whose columns are known.

    Raises `ModelRejected` for names that are no texts.
    """
    try:
        return ModelTensor.model_validate(tensor.model_dump() | {"labels": labels, "shape": shape})
    except ValidationError as wrong:
        first = list_problems(wrong)[0]
        raise ModelRejected(
            f"The classes of the output {tensor.name} cannot be used: {first['pointer']} "
            f"{first['detail']}."
        ) from None


def _assign_classes(
    tensors: Sequence[TensorSchema], outputs: Mapping[str, Array], classes: list[str]
) -> dict[str, list[str]]:
    """Return the classes by the name of the output whose columns they name.

    Empty where not exactly one output has as many columns, or where the model's label is none of
    the classes.
    """
    said = read_labels(outputs, tensors) or []
    fitting = [
        tensor.name
        for tensor in tensors
        if is_scores(tensor, outputs[tensor.name]) and outputs[tensor.name].shape[1] == len(classes)
    ]
    if len(fitting) != 1 or not {label.strip() for label in said} <= set(classes):
        return {}
    return {fitting[0]: classes}


def _fits(tensor: TensorSchema, array: Array) -> bool:
    return array.ndim == len(tensor.shape) and all(
        wanted in (-1, side) for side, wanted in zip(array.shape, tensor.shape, strict=True)
    )


def _check_output(tensor: TensorSchema, array: Array) -> None:
    if datatype_of(array) != tensor.datatype or not _fits(tensor, array):
        raise ModelRejected(
            f"The output {tensor.name} was to be {tensor}, and is {datatype_of(array)} of shape "
            f"{list(array.shape)}."
        )
