"""Inspect an image: everything that is stored about it, from one decode of its bytes."""

import hashlib
from dataclasses import dataclass, fields

import numpy as np
from PIL import Image

from shared.imaging.colors import convert_to_srgb, flatten
from shared.imaging.decoding import Pixels, SourceImage
from shared.imaging.exif import summarize
from shared.imaging.formats import EXTENSIONS, MIME_TYPES
from shared.imaging.hashes import SIZE as HASH_SIDE
from shared.imaging.hashes import compute_phash
from shared.imaging.limits import ImageFormat, Limits
from shared.imaging.placement import OVERSAMPLING, compute_placement
from shared.imaging.quality import COLOR_SIDE, GRAY_SIDE, Quality, measure_quality
from shared.imaging.rendering import Rendered, decode_reduced, finish_rendition, resample
from shared.imaging.variants import THUMBNAIL, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection(Quality):
    """Facts about an image.

    Width and height are pixels as displayed; `channels` counts the file's own (a palette as the
    colours it stands for); `frames` is above 1 for animations and multi-page files, of which the
    first picture is used; `extension` has no dot; `phash` is a signed 64-bit integer.
    `refused_parts` names what has to go before Pillow reads the file, and as others show it.
    """

    sha256: str
    format: ImageFormat
    mime_type: str
    extension: str
    width: int
    height: int
    channels: int
    frames: int
    phash: int
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
    gray, colors = _reductions(source, pixels)
    measured = measure_quality(np.asarray(gray), np.asarray(colors))
    tiny = gray.resize((HASH_SIDE, HASH_SIDE), Image.Resampling.LANCZOS, reducing_gap=OVERSAMPLING)
    return Inspection(
        sha256=hashlib.sha256(data).hexdigest(),
        format=source.format,
        mime_type=MIME_TYPES[source.format],
        extension=EXTENSIONS[source.format],
        width=source.width,
        height=source.height,
        channels=source.channels,
        frames=source.frames,
        phash=compute_phash(np.asarray(tiny)),
        exif=summarize(source.exif),
        refused_parts=source.refused_parts,
        thumbnail=finish_rendition(source, thumbnail, resample(source, pixels, placement))
        if thumbnail and placement
        else None,
        **{field.name: getattr(measured, field.name) for field in fields(Quality)},
    )


def _reductions(source: SourceImage, pixels: Pixels) -> tuple[Image.Image, Image.Image]:
    """Return the upright grey picture and the RGB sample that the measures are taken on."""
    image, box = pixels.image, pixels.box
    gray_size, color_size = _within(GRAY_SIDE, source), _within(COLOR_SIDE, source)
    if source.conversion is None and image.mode in ("L", "RGB"):
        # Luma is linear in R, G and B: one channel can be resampled instead of three.
        gray = image.convert("L").resize(
            gray_size, Image.Resampling.HAMMING, box, reducing_gap=OVERSAMPLING
        )
        colors = image.resize(color_size, Image.Resampling.NEAREST, box)
    else:
        small = image.resize(gray_size, Image.Resampling.HAMMING, box, reducing_gap=OVERSAMPLING)
        small = flatten(convert_to_srgb(small, source.conversion))
        gray, colors = small.convert("L"), small.resize(color_size, Image.Resampling.NEAREST)
    return source.turn_upright(gray), colors.convert("RGB")


def _within(side: int, source: SourceImage) -> tuple[int, int]:
    """Return the picture's size shrunk to fit within a square, in the stored orientation."""
    shrink = min(1.0, side / max(source.width, source.height))
    size = max(1, round(source.width * shrink)), max(1, round(source.height * shrink))
    return size[::-1] if source.is_turned else size
