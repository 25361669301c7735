"""(Written by `make contracts` from `pixmill/aio/`.) Models that predict."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pixmill import operations, types
from pixmill.tensors import IMAGES_AT_ONCE, make_inputs, read_images, read_outputs

if TYPE_CHECKING:
    from pixmill.sync.client import Client


class Model:
    """A version of a model: `row` is how it stood when it was read."""

    def __init__(self, client: "Client", row: types.ModelRead) -> None:
        self.client = client
        self.row = row

    @property
    def id(self) -> str:
        """The version's id."""
        return self.row["id"]

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
