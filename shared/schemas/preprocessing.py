"""Facts about a model: its classes, and the way from an image to its input."""

import json
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from shared.imaging.variants import Fit
from shared.schemas.fields import Text, make_refusal
from shared.schemas.kinds import Input
from shared.schemas.parsing import find_half_pair

TensorLayout = Literal["NCHW", "NHWC", "flat"]
"""Order of a tensor's dimensions: rows, then channels, height and width, or all in one (`flat`)."""
ColorOrder = Literal["rgb", "bgr", "grayscale"]
"""Channels of a pixel in their order."""
Resampling = Literal["nearest", "bilinear", "bicubic", "lanczos"]
"""Filter by which a picture changes its size."""

_MAX_METADATA = 64 * 1024


def _check_nonzero(values: list[float]) -> list[float]:
    if not all(values):
        raise make_refusal("must not contain 0")
    return values


_Channels = Annotated[list[float], Field(min_length=1, max_length=3)]


class Preprocessing(Input):
    """The way from an image to the model's input.

    A pixel from 0 to 255 becomes (pixel × scale - mean) / std.
    """

    width: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Width in pixels; follows from the model's input where it is left out."""
    height: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Height in pixels; follows from the model's input where it is left out."""
    layout: TensorLayout | None = None
    """Order of the dimensions; follows from the model's input where it is left out."""
    color: ColorOrder | None = None
    """Channels and their order; follows from the model's input where it is left out."""
    fit: Fit = "fill"
    """Way in which a picture is fitted to the size."""
    resample: Resampling = "bilinear"
    """Filter for changing the size."""
    invert: bool = False
    """Whether a pixel becomes 255 - pixel first."""
    scale: Annotated[float, Field(gt=0)] | None = None
    """Factor of each pixel, before `mean` and `std`."""
    mean: _Channels | None = None
    """Value that is taken off, for all channels or for each."""
    std: Annotated[_Channels, AfterValidator(_check_nonzero)] | None = None
    """Value that is divided by, for all channels or for each; not 0."""


class ModelMetadata(Input):
    """Facts about a model: two that are used, and any others."""

    model_config = ConfigDict(extra="allow")

    labels: Annotated[list[Text], Field(min_length=1, max_length=100_000)] | None = None
    """Classes in the order of the model's scores."""
    preprocessing: Preprocessing | None = None
    """Way from an image to the model's input."""

    @model_validator(mode="before")
    @classmethod
    def _check_size(cls, values: Any) -> Any:
        text = json.dumps(values, ensure_ascii=False)
        if len(text.encode("utf-8", "replace")) > _MAX_METADATA:
            raise make_refusal(f"must take {_MAX_METADATA} bytes or less")
        if "\\u0000" in json.dumps(values):
            raise make_refusal("must not contain the character U+0000")
        return values

    @model_validator(mode="after")
    def _check_texts(self) -> Self:
        if (path := find_half_pair(self.model_extra)) is not None:
            raise make_refusal("must be valid Unicode text", *map(str, path))
        return self

    def to_json(self) -> dict[str, Any]:
        """Return what was given, and nothing else."""
        return self.model_dump(mode="json", exclude_unset=True)
