"""The form in which a model takes images; told without reading one."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.inference.errors import PredictionFailed
from shared.schemas.models import ModelMetadata, Preprocessing, TensorSchema

GREY = 1  # channels
MOST_BYTES = 64 * 1024 * 1024  # of the images of one call, as a tensor


@dataclass(frozen=True)
class ImageForm:
    """`layout` is NCHW, NHWC or flat; sizes are pixels; `channels` is 1 or 3."""

    layout: str
    width: int
    height: int
    channels: int


def form_of_images(inputs: Sequence[TensorSchema], metadata: ModelMetadata) -> ImageForm:
    """How a model takes images. Raises `PredictionFailed` (`not_serving`) for one that does not."""
    if len(inputs) != 1:
        raise PredictionFailed("not_serving", "A model that takes images has one input.")
    return image_form(inputs[0], metadata.preprocessing or Preprocessing())


def image_form(tensor: TensorSchema, wanted: Preprocessing) -> ImageForm:
    """Layout, width, height and channels, from the metadata or else the tensor's shape.

    Raises `PredictionFailed` (`not_serving`) where neither says them.
    """
    sides = tensor.shape
    layout = wanted.layout or (
        "flat" if len(sides) == 2 else "NHWC" if sides[-1:] in ([1], [3]) else "NCHW"
    )
    width, height, depth = wanted.width or -1, wanted.height or -1, -1
    if layout == "flat" and len(sides) == 2:
        depth = sides[1] // (width * height) if width > 0 and height > 0 else -1
        if sides[1] > 0 and depth * width * height != sides[1]:
            depth = -1
    elif len(sides) == 4:
        depth, found_height, found_width = (
            sides[1:] if layout == "NCHW" else (sides[3], sides[1], sides[2])
        )
        width = width if found_width == -1 else found_width
        height = height if found_height == -1 else found_height
    if wanted.color is not None:
        depth = GREY if wanted.color == "grayscale" else 3
    if min(width, height) < 1 or depth not in (1, 3) or tensor.datatype == "BYTES":
        raise PredictionFailed(
            "not_serving",
            f"The model does not say how it takes images: its input is {tensor}. Set "
            "metadata.preprocessing (width, height, layout, color).",
        )
    form = ImageForm(layout, width, height, depth)
    if bytes_of(form, tensor) > MOST_BYTES:
        raise PredictionFailed(
            "not_serving",
            f"An image of {width} x {height} pixels takes more than {MOST_BYTES // 2**20} MiB as "
            f"{tensor}.",
        )
    return form


def bytes_of(form: ImageForm, tensor: TensorSchema) -> int:
    """How many bytes one image takes in a tensor."""
    bits = int("".join(filter(str.isdecimal, tensor.datatype)) or 8)  # in its name, but for BOOL's
    return form.width * form.height * form.channels * bits // 8
