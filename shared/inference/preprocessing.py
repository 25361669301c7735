"""Turns images into a model's input, as its metadata says."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps

from shared.imaging.decoding import Source
from shared.imaging.limits import ImageRejected, Limits
from shared.inference.errors import PredictionFailed
from shared.inference.tensors import DTYPES, Array
from shared.schemas.models import Preprocessing, TensorSchema

_RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_GREY = 1


def image_tensor(
    images: Sequence[bytes], tensor: TensorSchema, wanted: Preprocessing, limits: Limits
) -> Array:
    """Encoded images as one batch.

    Raises `PredictionFailed`: `not_serving` where the model does not take images, and
    `image_unusable` that names each image that cannot be decoded.
    """
    layout, width, height, channels = _form(tensor, wanted)
    rows: list[Array] = []
    problems: list[dict[str, str]] = []
    for index, data in enumerate(images):
        try:
            rows.append(_pixels(data, width, height, channels, wanted, limits))
        except ImageRejected as error:
            problems.append({"pointer": f"/image_ids/{index}", "detail": str(error)})
    if problems:
        first = problems[0]
        raise PredictionFailed("image_unusable", f"{first['pointer']} {first['detail']}.", problems)
    batch = _scaled(np.stack(rows), tensor, wanted)
    if layout == "NCHW":
        batch = batch.transpose(0, 3, 1, 2)
    elif layout == "flat":
        batch = batch.reshape(len(rows), -1)
    return np.ascontiguousarray(batch)


def _form(tensor: TensorSchema, wanted: Preprocessing) -> tuple[str, int, int, int]:
    """Layout, width, height and channels, from the metadata or else the tensor's shape."""
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
        depth = _GREY if wanted.color == "grayscale" else 3
    if min(width, height) < 1 or depth not in (1, 3) or tensor.datatype == "BYTES":
        raise PredictionFailed(
            "not_serving",
            f"The model does not say how it takes images: its input is {tensor}. Set "
            "metadata.preprocessing (width, height, layout, color).",
        )
    return layout, width, height, depth


def _pixels(
    data: bytes, width: int, height: int, channels: int, wanted: Preprocessing, limits: Limits
) -> Array:
    source = Source(data, limits)
    scale = 2 * max(width / source.width, height / source.height)
    with source.decoded(min(1.0, scale)) as pixels:
        image = source.upright(pixels.image)
        image = image.convert("RGBA").convert("RGB") if image.mode == "P" else image.convert("RGB")
        resampling = _RESAMPLING[wanted.resample]
        size = (width, height)
        if wanted.fit == "cover":
            image = ImageOps.fit(image, size, resampling)
        elif wanted.fit == "contain":
            image = ImageOps.pad(image, size, resampling)
        else:
            image = image.resize(size, resampling)
    if channels == _GREY:
        image = image.convert("L")
    return np.asarray(image, np.uint8).reshape(height, width, channels)


def _scaled(pixels: Array, tensor: TensorSchema, wanted: Preprocessing) -> Array:
    """Pixel values as the model was trained on them."""
    if wanted.invert:
        pixels = 255 - pixels
    if wanted.color == "bgr":
        pixels = pixels[..., ::-1]
    dtype = DTYPES[tensor.datatype]
    if dtype.kind != "f" and wanted.scale is None and wanted.mean is None and wanted.std is None:
        return pixels.astype(dtype)
    scaled: Array = pixels.astype(np.float32) * (
        wanted.scale if wanted.scale is not None else 1 / 255
    )
    if wanted.mean is not None:
        scaled = scaled - np.array(wanted.mean, np.float32)
    if wanted.std is not None:
        scaled = scaled / np.array(wanted.std, np.float32)
    return np.rint(scaled).astype(dtype) if dtype.kind != "f" else scaled.astype(dtype)
