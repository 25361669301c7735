"""Tries a model on generated input when it is registered."""

from collections.abc import Sequence

import numpy as np

from shared.inference.errors import ModelRejected, PredictionFailed
from shared.inference.tensors import DTYPES, Array
from shared.inference.worker import Ran, Worker
from shared.schemas.models import ModelTensor, TensorSchema
from shared.schemas.preprocessing import Preprocessing

_SIZES = (1, 8, 32, 64, 224)  # tried for dimensions that neither file nor owner tell
_MOST_ELEMENTS = 16_000_000  # of one generated input
_VARIED_ELEMENTS = 1_000_000  # of one input of many rows
# Magnitudes of features: measures of people and things lie somewhere between.
_MAGNITUDES = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0)
_ROWS_EACH = 32  # of a magnitude


class Trial:
    """Runs of a model on generated input."""

    def __init__(
        self, worker: Worker, inputs: Sequence[ModelTensor], preprocessing: Preprocessing | None
    ) -> None:
        """Run the model on one row, and where it takes batches on two. Raises `ModelRejected`."""
        self._worker = worker
        self._inputs = inputs
        self._preprocessing = preprocessing
        self._size, self.first = self._first_run()
        self.batches = any(tensor.shape[:1] == [-1] for tensor in inputs)
        self.last = self._run(2, self._size) if self.batches else self.first

    def run_varied(self) -> Ran:
        """Run the model on many different rows. Raises `PredictionFailed`."""
        return self._worker.run(make_varied_inputs(self._inputs, self._size, self._preprocessing))

    def _first_run(self) -> tuple[int, Ran]:
        """Return the first size of unknown dimensions that the model takes, and its answer."""
        last = PredictionFailed("model_error")
        for size in _SIZES:
            try:
                return size, self._run(1, size)
            except PredictionFailed as error:
                if error.code != "model_error":
                    raise
                last = error
            if all(-1 not in tensor.shape[1:] for tensor in self._inputs):
                break
        raise ModelRejected(f"It does not run on generated input. {last.detail}")

    def _run(self, batch: int, size: int) -> Ran:
        return self._worker.run(
            make_ordinary_inputs(self._inputs, batch, size, self._preprocessing)
        )


def make_ordinary_inputs(
    inputs: Sequence[TensorSchema], batch: int, size: int, preprocessing: Preprocessing | None
) -> dict[str, Array]:
    """Return inputs that no model should mind: halves, zeros, empty strings.

    `size` is for dimensions that nobody tells. Raises `ModelRejected` for inputs too large.
    """
    return {
        tensor.name: _fill(tensor, _sides(tensor, batch, size, preprocessing)) for tensor in inputs
    }


def make_varied_inputs(
    inputs: Sequence[TensorSchema], size: int, preprocessing: Preprocessing | None
) -> dict[str, Array]:
    """Return inputs of many different rows, the same ones every time.

    Fractions are of many magnitudes, whole numbers from 0 to 9. A model that takes no batches gets
    one row. Raises `ModelRejected` for inputs too large.
    """
    one = [int(np.prod(_sides(tensor, 1, size, preprocessing))) for tensor in inputs]
    batch = min(len(_MAGNITUDES) * _ROWS_EACH, _VARIED_ELEMENTS // max(1, *one) + 1)
    numbers = np.random.default_rng(0)
    return {
        tensor.name: _vary(tensor, _sides(tensor, batch, size, preprocessing), numbers)
        for tensor in inputs
    }


def _sides(
    tensor: TensorSchema, batch: int, size: int, preprocessing: Preprocessing | None
) -> list[int]:
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
    return sides


def _fill(tensor: TensorSchema, sides: Sequence[int]) -> Array:
    dtype = DTYPES[tensor.datatype]
    if dtype.kind == "O":
        return np.full(sides, b"", dtype)
    return np.full(sides, 0.5 if dtype.kind == "f" else 0, dtype)


def _vary(tensor: TensorSchema, sides: Sequence[int], numbers: np.random.Generator) -> Array:
    dtype = DTYPES[tensor.datatype]
    if dtype.kind == "O" or not sides:
        return _fill(tensor, sides)
    if dtype.kind != "f":
        return numbers.integers(0, 2 if dtype.kind == "b" else 10, sides).astype(dtype)
    values = numbers.normal(size=sides)
    half = sides[0] // 2
    values[:half] = np.abs(values[:half])
    magnitudes = np.resize(_MAGNITUDES, sides[0]).reshape(-1, *[1] * (len(sides) - 1))
    varied: Array = (values * magnitudes).astype(dtype)
    return varied
