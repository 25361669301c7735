"""Arrays as the API takes them, and back."""

from collections.abc import Mapping
from typing import Any

from pixmill import types
from pixmill.errors import BadSource, PixmillError

IMAGES_AT_ONCE = 100  # that the API takes in one prediction


def make_inputs(model: types.ModelRead, inputs: Any) -> dict[str, Any]:
    """Return inputs by name, as nested lists. Raises `BadSource` where a name is missing."""
    if isinstance(inputs, Mapping):
        return {str(name): _to_lists(value) for name, value in inputs.items()}
    names = [tensor["name"] for tensor in model["input_schema"] or []]
    if len(names) != 1:
        raise BadSource(
            f"The model has {len(names)} inputs ({', '.join(names)}): give them by name."
        )
    return {names[0]: _to_lists(inputs)}


def _to_lists(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def read_outputs(prediction: types.PredictionRead) -> dict[str, Any]:
    """Return outputs by name. Raises `PixmillError` for a prediction that failed."""
    outputs: Mapping[str, Any] = _read(prediction).get("outputs", {})
    try:
        import numpy
    except ImportError:
        return dict(outputs)
    return {name: numpy.asarray(value) for name, value in outputs.items()}


def read_images(prediction: types.PredictionRead) -> list[Mapping[str, Any]]:
    """Return what was said of each image. Raises `PixmillError` for a prediction that failed."""
    return list(_read(prediction).get("images", []))


def _read(prediction: types.PredictionRead) -> Mapping[str, Any]:
    if prediction["status"] == "failed":
        raise PixmillError(str(prediction["error_message"]))
    return prediction["output_data"] or {}
