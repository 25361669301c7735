"""Pixels in, pixels out: inspect and render images that strangers made.

The names below load on first use: a function that only needs the specification of a variant, or
the distance of two hashes, starts without Pillow and numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_MODULES = {
    "inspection": ("Inspection", "inspect"),
    "limits": ("FORMATS", "MAX_PIXELS", "ImageFormat", "ImageRejected", "Limits", "Reason"),
    "rendering": ("Rendered", "render"),
    "sheets": ("make_contact_sheet",),
    "variants": ("PIPELINE_VERSION", "THUMBNAIL", "Variant", "Watermark"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
