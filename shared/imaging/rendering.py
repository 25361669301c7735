"""Turn one decoded image into variants."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from shared.imaging.colors import convert_to_srgb, flatten, reduce_image
from shared.imaging.decoding import Pixels, SourceImage
from shared.imaging.encoding import encode_pixels
from shared.imaging.exif import rebuild_exif
from shared.imaging.formats import EXTENSIONS, MIME_TYPES
from shared.imaging.limits import Limits
from shared.imaging.placement import OVERSAMPLING, Placement, compute_placement
from shared.imaging.variants import Variant
from shared.imaging.watermarks import draw_watermark


@dataclass(frozen=True, slots=True)
class Rendered:
    """An encoded variant; width and height in pixels, extension without a dot."""

    variant: Variant
    data: bytes
    width: int
    height: int
    mime_type: str
    extension: str


def render(
    data: bytes,
    variants: Sequence[Variant],
    limits: Limits = Limits(),  # noqa: B008 (frozen)
) -> list[Rendered]:
    """Make variants of an image from one decode, in the order asked for.

    Orientation is baked in, colours become sRGB, animations give their first picture. Metadata is
    left out; with `strip_metadata=False` the EXIF block stays, its orientation reset.
    Raises `ImageRejected`.
    """
    if not variants:
        return []
    source = SourceImage(data, limits)
    placements = [compute_placement(variant, source.width, source.height) for variant in variants]
    pixels = decode_reduced(source, max(placement.scale for placement in placements))
    return [
        finish_rendition(source, variant, resample(source, pixels, placement))
        for variant, placement in zip(variants, placements, strict=True)
    ]


def decode_reduced(source: SourceImage, scale: float) -> Pixels:
    """Decode, and average down to no less than `scale` times the full size.

    Averaging squares first, as far as the oversampling allows, costs a fraction of resampling
    everything and keeps within 48 dB of it.
    """
    with source.decode(scale) as pixels:
        return average_down(pixels, max(source.width, source.height) * scale)


def average_down(pixels: Pixels, side: float) -> Pixels:
    """Average squares, to no less than `side` pixels on the longer side."""
    factor = max(1, int(max(pixels.box) / max(1.0, side)))
    _, _, width, height = pixels.box
    return Pixels(reduce_image(pixels.image, factor), (0, 0, width / factor, height / factor))


def resample(source: SourceImage, pixels: Pixels, placement: Placement) -> Image.Image:
    """Resample (Lanczos) the part that a placement uses; upright, in sRGB, metadata-free."""
    size = (placement.width, placement.height)
    left, top, right, bottom = placement.crop
    full_width, full_height = source.width, source.height
    if source.is_turned:
        # Crops are centred, so turning or mirroring them is exchanging the axes.
        size = size[::-1]
        left, top, right, bottom = top, left, bottom, right
        full_width, full_height = full_height, full_width
    x, y = pixels.box[2] / full_width, pixels.box[3] / full_height
    box = (left * x, top * y, min(right * x, pixels.box[2]), min(bottom * y, pixels.box[3]))
    image = pixels.image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=OVERSAMPLING)
    return convert_to_srgb(source.turn_upright(image), source.conversion)


def finish_rendition(source: SourceImage, variant: Variant, image: Image.Image) -> Rendered:
    """Draw the watermark on resampled pixels, and encode them."""
    if variant.format == "jpeg":
        image = flatten(image)
    if variant.watermark is not None:
        draw_watermark(image, variant.watermark)
    exif = b"" if variant.strip_metadata else rebuild_exif(source.exif)
    return Rendered(
        variant=variant,
        data=encode_pixels(image, variant.format, variant.effective_quality, exif),
        width=image.width,
        height=image.height,
        mime_type=MIME_TYPES[variant.format],
        extension=EXTENSIONS[variant.format],
    )
