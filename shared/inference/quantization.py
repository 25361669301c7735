"""Integers that stand for real numbers: (integer - zero_point) × scale.

https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec
"""

from math import log

import numpy as np

from shared.inference.errors import PredictionFailed
from shared.inference.tensors import DTYPES, Array
from shared.schemas.models import ModelTensor, Quantization, TensorSchema
from shared.schemas.preprocessing import Preprocessing

# Ranges of pixels that networks are trained on, and how a pixel from 0 to 255 gets there.
_RANGES = {(0.0, 1.0): (1 / 255, 0.0), (0.0, 255.0): (1.0, 0.0), (-1.0, 1.0): (2 / 255, 1.0)}
_NEAR = 0.7  # about a factor of two


def find_quantization(tensor: TensorSchema) -> Quantization | None:
    """Return the numbers behind a tensor's integers; None for one that is not quantised."""
    return tensor.quantization if isinstance(tensor, ModelTensor) else None


def quantize(values: Array, tensor: TensorSchema, numbers: Quantization) -> Array:
    """Return the integers that stand for real numbers; beyond their range, the nearest of them."""
    dtype = DTYPES[tensor.datatype]
    bounds = np.iinfo(dtype)
    whole = np.rint(values / np.float32(numbers.scale)) + numbers.zero_point
    kept: Array = np.clip(whole, bounds.min, bounds.max).astype(dtype)
    return kept


def dequantize(array: Array, numbers: Quantization) -> Array:
    """Return the real numbers that integers stand for, as FP32."""
    real: Array = (array.astype(np.float64) - numbers.zero_point) * numbers.scale
    return real.astype(np.float32)


def guess_scaling(tensor: TensorSchema, numbers: Quantization) -> Preprocessing:
    """Return the way from pixels to the numbers of a model whose owner does not say it.

    The integers' own range tells on which pixels it was calibrated: from 0 to 1, from 0 to 255 or
    from -1 to 1, whichever is near. Raises `PredictionFailed` (`not_serving`) where none is.
    """
    bounds = np.iinfo(DTYPES[tensor.datatype])
    low = (bounds.min - numbers.zero_point) * numbers.scale
    high = (bounds.max - numbers.zero_point) * numbers.scale

    def distance(range_: tuple[float, float]) -> float:
        return abs(low - range_[0]) / range_[1] + abs(log(max(high, 1e-9) / range_[1]))

    nearest = min(_RANGES, key=distance)
    if distance(nearest) > _NEAR:
        raise PredictionFailed(
            "not_serving",
            f"The model's input is {tensor} for numbers from {low:.4g} to {high:.4g}, which are no "
            "pixels. Set metadata.preprocessing (scale, mean, std).",
        )
    scale, mean = _RANGES[nearest]
    return Preprocessing(scale=scale, mean=[mean])
