"""Variants, and the size of an export's images, as requests specify them."""

from typing import Annotated

from pydantic import AfterValidator

from shared.imaging.resize_options import Resize
from shared.imaging.variants import Variant, VariantFormat
from shared.schemas.fields import make_refusal


def check_variant(variant: Variant, *path: str) -> Variant:
    """Return the same variant. Raises an error at `path` where one of its fields would be ignored.

    Variants that are stored may be older than this check.
    """
    _check_quality(variant.format, variant.quality, *path)
    return variant


def check_resize(resize: Resize) -> Resize:
    """Return the same specification. Raises an error where a field would be ignored."""
    _check_quality(resize.format, resize.quality)
    if resize.format == "jpeg" and resize.color[3] < 255:
        message = "must be #rrggbb for jpeg, which knows no transparency: or choose png or webp"
        raise make_refusal(message, "background")
    return resize


def _check_quality(image_format: VariantFormat, quality: int | None, *path: str) -> None:
    if image_format == "png" and quality is not None:
        raise make_refusal("applies to jpeg, webp and avif: png loses nothing", *path, "quality")


RequestedVariant = Annotated[Variant, AfterValidator(check_variant)]
RequestedResize = Annotated[Resize, AfterValidator(check_resize)]
