"""Turns images into a model's input, as its metadata says."""

import logging
from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageOps

from shared.imaging.colors import drop_alpha
from shared.imaging.decoding import SourceImage
from shared.imaging.limits import ImageRejected, Limits
from shared.inference.errors import PredictionFailed
from shared.inference.image_form import (
    GREY,
    MOST_BYTES,
    ImageForm,
    count_image_bytes,
    decide_image_form,
)
from shared.inference.quantization import find_quantization, guess_scaling, quantize
from shared.inference.tensors import DTYPES, Array
from shared.schemas.models import TensorSchema
from shared.schemas.preprocessing import Preprocessing

log = logging.getLogger(__name__)

_RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def make_image_tensor(
    images: Iterable[bytes], tensor: TensorSchema, wanted: Preprocessing, limits: Limits
) -> Array:
    """Encoded images as one batch.

    Raises `PredictionFailed`: `not_serving` where the model does not take images or they cannot
    be made its input, `out_of_memory` where they are too many for one call, and `image_unusable`
    that names each image that cannot be decoded.
    """
    form = decide_image_form(tensor, wanted)
    rows: list[Array] = []
    problems: list[dict[str, str]] = []
    most = MOST_BYTES // count_image_bytes(form, tensor)
    for index, data in enumerate(images):
        if index == most:
            raise PredictionFailed(
                "out_of_memory",
                f"At most {most} images of {form.width} x {form.height} pixels are taken at once.",
            )
        try:
            rows.append(_read_pixels(data, form, wanted, limits))
        except ImageRejected as error:
            problems.append({"pointer": f"/image_ids/{index}", "detail": str(error)})
        except Exception as error:  # nothing but the image and the metadata is in play here
            log.exception("an image could not be prepared")
            why = f"could not be prepared ({type(error).__name__})"
            problems.append({"pointer": f"/image_ids/{index}", "detail": why})
    if problems:
        first = problems[0]
        raise PredictionFailed("image_unusable", f"{first['pointer']} {first['detail']}.", problems)
    try:
        return _make_batch(np.stack(rows), form, tensor, wanted)
    except PredictionFailed:
        raise
    except Exception as error:
        log.exception("images could not be prepared")
        raise PredictionFailed(
            "not_serving",
            "Images cannot be prepared as metadata.preprocessing says: "
            f"{type(error).__name__}, with an input that is {tensor}.",
        ) from error


def _make_batch(
    pixels: Array, form: ImageForm, tensor: TensorSchema, wanted: Preprocessing
) -> Array:
    batch = _scale_pixels(pixels, tensor, wanted)
    if form.layout == "NCHW":
        batch = batch.transpose(0, 3, 1, 2)
    elif form.layout == "flat":
        batch = batch.reshape(len(pixels), -1)
    return np.ascontiguousarray(batch)


def _read_pixels(data: bytes, form: ImageForm, wanted: Preprocessing, limits: Limits) -> Array:
    source = SourceImage(data, limits)
    scale = 2 * max(form.width / source.width, form.height / source.height)
    with source.decode(min(1.0, scale)) as pixels:
        image = drop_alpha(source.turn_upright(pixels.image))
        resampling = _RESAMPLING[wanted.resample]
        size = (form.width, form.height)
        if wanted.fit == "cover":
            image = ImageOps.fit(image, size, resampling)
        elif wanted.fit == "contain":
            image = ImageOps.pad(image, size, resampling)
        else:
            image = image.resize(size, resampling)
    if form.channels == GREY:
        image = image.convert("L")
    return np.asarray(image, np.uint8).reshape(form.height, form.width, form.channels)


def _scale_pixels(pixels: Array, tensor: TensorSchema, wanted: Preprocessing) -> Array:
    """Pixel values as the model was trained on them."""
    if wanted.invert:
        pixels = 255 - pixels
    if wanted.color == "bgr":
        pixels = pixels[..., ::-1]
    dtype = DTYPES[tensor.datatype]
    unsaid = wanted.scale is None and wanted.mean is None and wanted.std is None
    if numbers := find_quantization(tensor):
        scaling = guess_scaling(tensor, numbers) if unsaid else wanted
        return quantize(_apply_formula(pixels, scaling), tensor, numbers)
    if dtype.kind == "f":
        return _apply_formula(pixels, wanted).astype(dtype)
    if dtype == np.int8 and unsaid:
        raise PredictionFailed(
            "not_serving",
            f"The model's input is {tensor}, which pixels from 0 to 255 are not. Set "
            "metadata.preprocessing (scale, mean, std).",
        )
    if dtype.kind == "b" or unsaid:
        return pixels.astype(dtype)
    bounds = np.iinfo(dtype)
    return np.clip(np.rint(_apply_formula(pixels, wanted)), bounds.min, bounds.max).astype(dtype)


def _apply_formula(pixels: Array, wanted: Preprocessing) -> Array:
    """Return (pixel × scale - mean) / std as FP32; `scale` is 1/255 unless it is said."""
    scaled: Array = pixels.astype(np.float32) * (
        wanted.scale if wanted.scale is not None else 1 / 255
    )
    if wanted.mean is not None:
        scaled = scaled - np.array(wanted.mean, np.float32)
    if wanted.std is not None:
        scaled = scaled / np.array(wanted.std, np.float32)
    return scaled
