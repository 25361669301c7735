"""Decodes images at the size that analyzers need: upright, in sRGB, without transparency."""

from PIL import Image

from shared.analyses.findings import AnalysisError
from shared.imaging.colors import flatten_visibly
from shared.imaging.decoding import SourceImage
from shared.imaging.limits import ImageRejected, Limits
from shared.imaging.placement import compute_placement
from shared.imaging.rendering import decode_reduced, resample
from shared.imaging.variants import Variant


def decode_small(data: bytes, side: int, limits: Limits) -> Image.Image:
    """Return the picture in RGB, shrunk to at most `side` pixels; never enlarged.

    Raises `AnalysisError` for bytes that are not an acceptable image.
    """
    try:
        source = SourceImage(data, limits)
        box = Variant(name="small", width=side, height=side)
        placement = compute_placement(box, source.width, source.height)
        image = resample(source, decode_reduced(source, placement.scale), placement)
    except ImageRejected as error:
        raise AnalysisError(error.reason, f"The image cannot be read: {error.detail}") from error
    return flatten_visibly(image).convert("RGB")
