"""Predictions: what is asked of a model, and what became of it."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, JsonValue, model_validator

from shared.schemas.fields import Id, Time, check_unique, make_refusal
from shared.schemas.kinds import Input, ListQuery, Read
from shared.schemas.models import MAX_TENSORS

PredictionStatus = Literal["pending", "success", "failed"]
MAX_IMAGES = 100  # of one request


class PredictionCreate(Input):
    """Inputs of a prediction: tensors by name, or images.

    `version_id` names the version of a dataset that they are from; images must be in it.
    """

    inputs: Annotated[dict[str, JsonValue], Field(max_length=MAX_TENSORS)] | None = None
    image_ids: (
        Annotated[
            list[Id], Field(min_length=1, max_length=MAX_IMAGES), AfterValidator(check_unique)
        ]
        | None
    ) = None
    version_id: Id | None = None

    @model_validator(mode="after")
    def _check_inputs(self) -> Self:
        if (self.inputs is None) == (self.image_ids is None):
            raise make_refusal("must have either inputs or image_ids")
        return self


class PredictionQuery(ListQuery):
    """Filters of the caller's predictions."""

    model_id: Id | None = None
    status: PredictionStatus | None = None


class PredictionRead(Read):
    """One call of a model. What is large is summarised here and stored in the bucket.

    `inference_time_ms` is the time that the model took and nothing else; `batch_size` counts rows
    or images; `error_code` is one of a few words that can be counted.
    """

    id: UUID
    model_id: UUID
    version_id: UUID | None
    user_id: UUID
    input_data: JsonValue
    output_data: JsonValue
    batch_size: int | None
    inference_time_ms: float | None
    status: PredictionStatus
    error_code: str | None
    error_message: str | None
    created_at: Time


class PredictionDetail(PredictionRead):
    """One call, with addresses of inputs and outputs that are too large for it.

    They are null where the call itself holds all, and work for a short time.
    """

    input_url: str | None = Field(repr=False)
    output_url: str | None = Field(repr=False)
