"""Predictions: what is asked of a model, and what became of it."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, JsonValue, model_validator

from shared.schemas.fields import Id, Time, check_unique, make_refusal
from shared.schemas.kinds import Input, ListQuery, Read
from shared.schemas.models import MAX_TENSORS

PredictionStatus = Literal["pending", "success", "failed"]
"""State of a prediction."""
MAX_IMAGES = 100  # of one request


class PredictionCreate(Input):
    """Inputs of a prediction: tensors by name, or images."""

    inputs: Annotated[dict[str, JsonValue], Field(max_length=MAX_TENSORS)] | None = None
    """Values by the name of the input, nested as its shape. Either this or `image_ids` is needed.
    """
    image_ids: (
        Annotated[
            list[Id], Field(min_length=1, max_length=MAX_IMAGES), AfterValidator(check_unique)
        ]
        | None
    ) = None
    """Images to run the model on. Either this or `inputs` is needed."""
    version_id: Id | None = None
    """Version of a dataset that the inputs are from; images must be in it."""

    @model_validator(mode="after")
    def _check_inputs(self) -> Self:
        if (self.inputs is None) == (self.image_ids is None):
            raise make_refusal("must have either inputs or image_ids")
        return self


class PredictionQuery(ListQuery):
    """Filters of the caller's predictions."""

    model_id: Id | None = None
    """Only predictions of this version of a model."""
    status: PredictionStatus | None = None
    """State to show alone; all states where it is left out."""


class PredictionRead(Read):
    """One call of a model. What is large is summarised here and stored in the bucket."""

    id: UUID
    model_id: UUID
    """Version of a model that ran."""
    version_id: UUID | None
    user_id: UUID
    """Account that asked."""
    input_data: JsonValue
    """Inputs as they were sent, or a summary of large ones."""
    output_data: JsonValue
    """Outputs by name, or a summary of large ones; null until there are any."""
    batch_size: int | None
    """Number of rows or images; null where it could not be told."""
    inference_time_ms: float | None
    """Milliseconds that the model took and nothing else; null where it did not run."""
    status: PredictionStatus
    """State of the prediction."""
    error_code: str | None
    error_message: str | None
    """Why it failed, for a person; null where it did not."""
    created_at: Time


class PredictionDetail(PredictionRead):
    """One call, with addresses of inputs and outputs that are too large for it."""

    input_url: str | None = Field(repr=False)
    """Signed address of inputs that are too large for the answer, for a short time; null where
    `input_data` holds them.
    """
    output_url: str | None = Field(repr=False)
    """Signed address of outputs that are too large for the answer, for a short time; null where
    `output_data` holds them.
    """
