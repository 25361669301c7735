"""Variants as requests specify them."""

from typing import Annotated

from pydantic import AfterValidator

from shared.imaging.variants import Variant
from shared.schemas.fields import make_refusal


def check_variant(variant: Variant, *path: str) -> Variant:
    """Return the same variant. Raises an error at `path` where one of its fields would be ignored.

    Variants that are stored may be older than this check.
    """
    if variant.format == "png" and variant.quality is not None:
        raise make_refusal("applies to jpeg, webp and avif: png loses nothing", *path, "quality")
    return variant


RequestedVariant = Annotated[Variant, AfterValidator(check_variant)]
