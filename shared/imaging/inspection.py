"""Inspect an image: everything that is stored about it, from one decode of its bytes."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import NamedTuple
from zlib import crc32

import numpy as np
from PIL import Image

from shared.imaging.colors import convert_to_srgb, flatten, flatten_on_slope, is_light_drawing
from shared.imaging.containers.stripping import Extras, find_extras
from shared.imaging.decoding import Pixels, SourceImage
from shared.imaging.exif import summarize
from shared.imaging.formats import EXTENSIONS, MIME_TYPES
from shared.imaging.hashes import SIZE as HASH_SIDE
from shared.imaging.hashes import compute_phash, hash_halves
from shared.imaging.limits import ImageFormat, Limits
from shared.imaging.placement import OVERSAMPLING, compute_placement
from shared.imaging.quality import (
    BLANK,
    COLOR_SIDE,
    GRAY_SIDE,
    Quality,
    measure_color,
    measure_quality,
    measure_uniformity,
)
from shared.imaging.rendering import (
    Rendered,
    average_down,
    decode_reduced,
    finish_rendition,
    resample,
)
from shared.imaging.variants import THUMBNAIL, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection(Quality):
    """Facts about an image.

    Width and height are pixels as displayed; `channels` counts the file's own (a palette as the
    colours it stands for); `frames` is above 1 for animations and multi-page files, of which the
    first picture is used; `extension` has no dot; `phash` is a signed 64-bit integer, and
    `phash_halves` is what `hash_halves` says of the same picture; `color` is the mean of the
    picture as it shows, 0xRRGGBB.
    `crc32` is that of the bytes, unsigned, and `extras` what they hold beside the picture.
    `refused_parts` names what has to go before Pillow reads the file, and as others show it.
    """

    sha256: str
    crc32: int
    extras: Extras | None
    format: ImageFormat
    mime_type: str
    extension: str
    width: int
    height: int
    channels: int
    frames: int
    phash: int
    phash_halves: bytes
    color: int
    exif: dict[str, str | int]
    refused_parts: tuple[str, ...]
    thumbnail: Rendered | None


def inspect(
    data: bytes,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    *,
    thumbnail: Variant | None = THUMBNAIL,
) -> Inspection:
    """Check, measure, hash and shrink an image in one decode.

    Raises `ImageRejected`, whatever the bytes are. Safe to call from several threads.
    """
    source = SourceImage(data, limits)
    scale = OVERSAMPLING * GRAY_SIDE / max(source.width, source.height)
    placement = compute_placement(thumbnail, source.width, source.height) if thumbnail else None
    pixels = decode_reduced(source, max(scale, placement.scale) if placement else scale)
    reduced = _reduce(source, pixels)
    measured = measure_quality(np.asarray(reduced.gray), np.asarray(reduced.colors))
    telling = reduced.telling
    if source.frames > 1 and measured.uniformity > BLANK:
        telling = _find_telling_frame(source, telling, measured.uniformity)
    size = (HASH_SIDE, HASH_SIDE)
    tiny = np.asarray(telling.resize(size, Image.Resampling.LANCZOS, reducing_gap=OVERSAMPLING))
    return Inspection(
        sha256=hashlib.sha256(data).hexdigest(),
        crc32=crc32(data),
        extras=find_extras(data, source.format, source.refused_parts),
        format=source.format,
        mime_type=MIME_TYPES[source.format],
        extension=EXTENSIONS[source.format],
        width=source.width,
        height=source.height,
        channels=source.channels,
        frames=source.frames,
        phash=compute_phash(tiny),
        phash_halves=hash_halves(tiny),
        color=measure_color(np.asarray(reduced.colors)),
        exif=summarize(source.exif),
        refused_parts=source.refused_parts,
        thumbnail=finish_rendition(source, thumbnail, resample(source, pixels, placement))
        if thumbnail and placement
        else None,
        **{field.name: getattr(measured, field.name) for field in fields(Quality)},
    )


def _find_telling_frame(source: SourceImage, first: Image.Image, uniformity: float) -> Image.Image:
    """Return what the hash is made of: the first later frame that is not blank, or the least so.

    `first` and `uniformity` are those of the first frame.
    """
    telling = first
    # A frame of another kind than the first, which cannot be converted, tells nothing.
    with suppress(Exception):
        for pixels in source.decode_later_frames():
            reduced = _reduce(source, average_down(pixels, OVERSAMPLING * GRAY_SIDE))
            found = measure_uniformity(np.asarray(reduced.colors))
            if found < uniformity:
                telling, uniformity = reduced.telling, found
            if uniformity <= BLANK:
                break
    return telling


class _Reductions(NamedTuple):
    """The upright grey picture, a sample in RGB, and the upright grey picture to hash."""

    gray: Image.Image
    colors: Image.Image
    telling: Image.Image


def _reduce(source: SourceImage, pixels: Pixels) -> _Reductions:
    image, box = pixels.image, pixels.box
    gray_size, color_size = _fit_within(GRAY_SIDE, source), _fit_within(COLOR_SIDE, source)
    if source.conversion is None and image.mode in ("L", "RGB"):
        # Luma is linear in R, G and B: one channel can be resampled instead of three.
        gray = source.turn_upright(
            image.convert("L").resize(
                gray_size, Image.Resampling.HAMMING, box, reducing_gap=OVERSAMPLING
            )
        )
        colors = image.resize(color_size, Image.Resampling.NEAREST, box)
        return _Reductions(gray, colors.convert("RGB"), gray)
    small = image.resize(gray_size, Image.Resampling.HAMMING, box, reducing_gap=OVERSAMPLING)
    small = convert_to_srgb(small, source.conversion)
    is_light = is_light_drawing(small)
    visible = flatten(small, "black" if is_light else "white")
    gray = source.turn_upright(visible.convert("L"))
    colors = visible.resize(color_size, Image.Resampling.NEAREST).convert("RGB")
    if not is_light:
        return _Reductions(gray, colors, gray)
    # Upright first: the ground has a direction.
    return _Reductions(gray, colors, flatten_on_slope(source.turn_upright(small)).convert("L"))


def _fit_within(side: int, source: SourceImage) -> tuple[int, int]:
    """Return the picture's size shrunk to fit within a square, in the stored orientation."""
    shrink = min(1.0, side / max(source.width, source.height))
    size = max(1, round(source.width * shrink)), max(1, round(source.height * shrink))
    return size[::-1] if source.is_turned else size
