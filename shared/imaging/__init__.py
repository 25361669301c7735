"""Pixels in, pixels out: inspect and render images that strangers made.

The names below load on first use: a function that only needs the specification of a variant, or
the distance of two hashes, starts without Pillow and numpy.
"""

from typing import TYPE_CHECKING

from shared.lazy import load_on_use

if TYPE_CHECKING:
    from shared.imaging.inspection import Inspection, inspect
    from shared.imaging.limits import (
        FORMATS,
        MAX_PIXELS,
        ImageFormat,
        ImageRejected,
        Limits,
        Reason,
    )
    from shared.imaging.rendering import Rendered, render
    from shared.imaging.sheets import make_contact_sheet
    from shared.imaging.variants import PIPELINE_VERSION, THUMBNAIL, Variant, Watermark

__all__ = [
    "FORMATS",
    "MAX_PIXELS",
    "PIPELINE_VERSION",
    "THUMBNAIL",
    "ImageFormat",
    "ImageRejected",
    "Inspection",
    "Limits",
    "Reason",
    "Rendered",
    "Variant",
    "Watermark",
    "inspect",
    "make_contact_sheet",
    "render",
]

__getattr__ = load_on_use(
    __name__,
    {
        "inspection": ("Inspection", "inspect"),
        "limits": ("FORMATS", "MAX_PIXELS", "ImageFormat", "ImageRejected", "Limits", "Reason"),
        "rendering": ("Rendered", "render"),
        "sheets": ("make_contact_sheet",),
        "variants": ("PIPELINE_VERSION", "THUMBNAIL", "Variant", "Watermark"),
    },
)
