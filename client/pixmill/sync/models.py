"""(Written by `make contracts` from `pixmill/aio/`.) Models that predict."""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from pixmill import operations, types
from pixmill.sync.resources import Resource
from pixmill.calls import Call
from pixmill.tensors import IMAGES_AT_ONCE, make_inputs, read_images, read_outputs


class Model(Resource[types.ModelRead]):
    """A version of a model."""

    def read(self) -> Call[types.ModelRead]:
        """Return the call that reads it."""
        return operations.models_get(self.id)

    def update(self, **changes: Unpack[types.ModelUpdate]) -> None:
        """Change its description, status or metadata. Raises `Stale` if somebody else has."""
        self._change(operations.models_update(self.id, changes), changes)

    def predict(self, inputs: Any) -> dict[str, Any]:
        """Return the outputs by name, as arrays where NumPy is installed.

        `inputs` is an array or nested lists for a model of one input, or such by name.
        """
        body: types.PredictionCreate = {"inputs": make_inputs(self.row, inputs)}
        prediction = self.client.send(operations.inference_predict(self.id, body))
        return read_outputs(prediction)

    def predict_images(self, image_ids: Sequence[str]) -> list[Mapping[str, Any]]:
        """Return the labels and outputs of each image, in the order of the ids."""
        found: list[Mapping[str, Any]] = []
        for first in range(0, len(image_ids), IMAGES_AT_ONCE):
            body: types.PredictionCreate = {
                "image_ids": list(image_ids[first : first + IMAGES_AT_ONCE])
            }
            call = operations.inference_predict(self.id, body)
            found += read_images(self.client.send(call))
        return found
