"""The form in which a model takes images; told without reading one."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import Invalid
from shared.inference.errors import PredictionFailed
from shared.schemas.models import TensorSchema
from shared.schemas.preprocessing import ModelMetadata, Preprocessing

GREY = 1  # channels
MOST_BYTES = 64 * 1024 * 1024  # of the images of one call, as a tensor
_CHANNELS = {"grayscale": GREY, "rgb": 3, "bgr": 3}
_DIMENSIONS = {"NCHW": 4, "NHWC": 4, "flat": 2}


@dataclass(frozen=True)
class ImageForm:
    """`layout` is NCHW, NHWC or flat; sizes are pixels; `channels` is 1 or 3."""

    layout: str
    width: int
    height: int
    channels: int


def find_image_form(inputs: Sequence[TensorSchema], metadata: ModelMetadata) -> ImageForm:
    """Return the form in which a model takes images.

    Raises `PredictionFailed` (`not_serving`) for a model that takes none.
    """
    if len(inputs) != 1:
        raise PredictionFailed("not_serving", "A model that takes images has one input.")
    return decide_image_form(inputs[0], metadata.preprocessing or Preprocessing())


def decide_image_form(tensor: TensorSchema, wanted: Preprocessing) -> ImageForm:
    """Decide layout, width, height and channels from the metadata, else from the tensor's shape.

    Raises `PredictionFailed` (`not_serving`) where neither says them, and where the two disagree.
    """
    for field, why in find_contradictions(tensor, wanted).items():
        raise PredictionFailed("not_serving", f"metadata.preprocessing.{field} {why}.")
    layout, depth, height, width = _read_sides(tensor, wanted)
    width = wanted.width or width
    height = wanted.height or height
    if wanted.color is not None:
        depth = _CHANNELS[wanted.color]
    elif len(tensor.shape) == 2 and min(width, height) > 0:
        depth = tensor.shape[1] // (width * height)
    usable = len(tensor.shape) in (0, _DIMENSIONS[layout]) and tensor.datatype != "BYTES"
    if min(width, height) < 1 or depth not in (1, 3) or not usable:
        raise PredictionFailed(
            "not_serving",
            f"The model does not say how it takes images: its input is {tensor}. Set "
            "metadata.preprocessing (width, height, layout, color).",
        )
    form = ImageForm(layout, width, height, depth)
    if count_image_bytes(form, tensor) > MOST_BYTES:
        raise PredictionFailed(
            "not_serving",
            f"An image of {width} x {height} pixels takes more than {MOST_BYTES // 2**20} MiB as "
            f"{tensor}.",
        )
    return form


def check_preprocessing(inputs: Sequence[TensorSchema], metadata: ModelMetadata) -> None:
    """Raise `Invalid` where preprocessing says what the model's input is not.

    It is for models with one input: of several it could not say which one images become.
    """
    if metadata.preprocessing is None:
        return
    at = "/metadata/preprocessing"
    if len(inputs) != 1:
        names = ", ".join(tensor.name for tensor in inputs) or "none"
        why = f"is for models that take images, by their one input; the inputs of this are: {names}"
        raise Invalid([{"pointer": at, "detail": why}], f"metadata.preprocessing {why}.")
    if found := find_contradictions(inputs[0], metadata.preprocessing):
        errors = [{"pointer": f"{at}/{field}", "detail": why} for field, why in found.items()]
        field, why = next(iter(found.items()))
        raise Invalid(errors, f"metadata.preprocessing.{field} {why}.")


def find_contradictions(tensor: TensorSchema, wanted: Preprocessing) -> dict[str, str]:
    """Return the fields of preprocessing that contradict the model's input, and how.

    The text about a field goes on from its name: "is 5, not 4; …".
    """
    layout, depth, height, width = _read_sides(tensor, wanted)
    its = f"the model's input is {tensor}"
    if wanted.layout is not None:
        dimensions = _DIMENSIONS[layout]
        if len(tensor.shape) not in (0, dimensions):
            return {"layout": f"is {layout}, which has {dimensions} dimensions; {its}"}
        if depth not in (-1, 1, 3):
            return {"layout": f"is {layout}, in which {depth} is the number of channels; {its}"}
    found: dict[str, str] = {}
    for field, said, side in (("width", wanted.width, width), ("height", wanted.height, height)):
        if said is not None and side not in (-1, said):
            found[field] = f"is {said}, not {side}; {its}"
    possible: tuple[int, ...] = (GREY, 3) if depth == -1 else (depth,)
    if wanted.color is not None:
        meant = _CHANNELS[wanted.color]
        if meant not in possible:
            return found | {"color": f"is {wanted.color}, and the channels are {depth}; {its}"}
        possible = (meant,)
    if layout == "flat" and len(tensor.shape) == 2 and wanted.width and wanted.height:
        values = tensor.shape[1]
        pixels = wanted.width * wanted.height
        fitting = tuple(one for one in possible if values in (-1, pixels * one))
        if not fitting:
            channels = " or ".join(map(str, possible))
            found["width"] = f"times height times {channels} (the channels) is not {values}; {its}"
        possible = fitting or possible
    for field, each in (("mean", wanted.mean), ("std", wanted.std)):
        if each is not None and len(each) not in (1, *possible):
            channels = " or ".join(map(str, possible))
            found[field] = f"is of length {len(each)}, and the channels are {channels}; {its}"
    return found


def _read_sides(tensor: TensorSchema, wanted: Preprocessing) -> tuple[str, int, int, int]:
    """Return layout, channels, height and width of a shape; -1 for what it does not say."""
    sides = tensor.shape
    layout = wanted.layout or (
        "flat" if len(sides) == 2 else "NHWC" if sides[-1:] in ([1], [3]) else "NCHW"
    )
    if len(sides) != 4 or layout == "flat":
        return layout, -1, -1, -1
    if layout == "NCHW":
        return layout, sides[1], sides[2], sides[3]
    return layout, sides[3], sides[1], sides[2]


def count_image_bytes(form: ImageForm, tensor: TensorSchema) -> int:
    """Return the bytes that one image takes in a tensor."""
    bits = int("".join(filter(str.isdecimal, tensor.datatype)) or 8)  # in its name, but for BOOL's
    return form.width * form.height * form.channels * bits // 8
