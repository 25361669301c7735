"""Any pixels to 8-bit sRGB: the only colour space behind the decoder."""

import io
from functools import lru_cache

from PIL import Image, ImageCms

# A CMYK press profile is 2 MB; what is larger is not a profile that anybody uses.
_MAX_PROFILE_BYTES = 4 * 1024 * 1024
_STRIP_PIXELS = 2_000_000
_SRGB = ImageCms.createProfile("sRGB")
_SRGB_NAMES = ("srgb", "c2", "urgb")


def reduce_image(image: Image.Image, factor: int) -> Image.Image:
    """Average squares of `factor` × `factor` pixels, in a mode that can be resampled.

    Answers L, RGB, RGBA or CMYK with 8 bits per channel. Modes that need another representation
    first (palettes, alpha, 16 bits) are converted strip by strip: converting the whole picture
    would double or triple the memory of the largest ones.
    """
    if image.mode in ("L", "RGB", "CMYK") and "transparency" not in image.info:
        return image.reduce(factor) if factor > 1 else image
    extrema = image.getextrema() if image.mode in ("I", "F") else None
    if factor == 1 or image.width * image.height <= _STRIP_PIXELS:
        whole = _resamplable(image, extrema)
        return whole.reduce(factor) if factor > 1 else whole
    rows = max(1, _STRIP_PIXELS // (image.width * factor)) * factor
    small = [
        _resamplable(
            image.crop((0, top, image.width, min(top + rows, image.height))), extrema
        ).reduce(factor)
        for top in range(0, image.height, rows)
    ]
    joined = Image.new(small[0].mode, (small[0].width, sum(strip.height for strip in small)))
    for index, strip in enumerate(small):
        joined.paste(strip, (0, index * rows // factor))
    return joined


def convert_to_srgb(image: Image.Image, icc_profile: bytes | None) -> Image.Image:
    """Convert L, RGB, RGBA or CMYK pixels from their ICC profile to sRGB: L, RGB or RGBA.

    A profile that cannot be used is ignored, as browsers do. The result carries no metadata.
    """
    transform = _transform(icc_profile, image.mode) if icc_profile else None
    if transform is not None:
        grey = image.mode == "L"
        image = transform.apply(image)
        image = image.convert("L") if grey else image
    elif image.mode == "CMYK":
        image = image.convert("RGB")
    image.info = {}
    return image


def is_srgb(icc_profile: bytes | None, mode: str) -> bool:
    """Whether pixels of this mode with this profile need no conversion."""
    return mode in ("L", "RGB") and (not icc_profile or _transform(icc_profile, mode) is None)


def flatten(image: Image.Image) -> Image.Image:
    """Lay a picture with an alpha channel on white, as a page would show it."""
    if image.mode != "RGBA":
        return image
    page = Image.new("RGB", image.size, "white")
    page.paste(image, mask=image.getchannel("A"))
    return page


def _resamplable(image: Image.Image, extrema: object) -> Image.Image:
    match image.mode:
        case "L" | "RGB" | "P" | "PA" | "LA" | "La" | "RGBa" if image.has_transparency_data:
            return image.convert("RGBA")
        case "L" | "RGB" | "RGBA" | "CMYK":
            return image
        case "1":
            return image.convert("L")
        case "I;16" | "I;16L" | "I;16B" | "I;16N":
            return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
        case "I" | "F":
            return _stretched(image, extrema)
        case _:
            return image.convert("RGB")


def _stretched(image: Image.Image, extrema: object) -> Image.Image:
    """32-bit samples have no agreed white: the picture's own range becomes 0 to 255."""
    low, high = extrema if isinstance(extrema, tuple) else (0, 255)
    scale = 255 / (high - low) if high > low else 0.0
    return image.point(lambda value: value * scale - low * scale).convert("L")


@lru_cache(maxsize=8)
def _transform(icc_profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The transform to sRGB, or None where there is nothing to do or the profile is unusable."""
    if len(icc_profile) > _MAX_PROFILE_BYTES:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
        if ImageCms.getProfileDescription(profile).strip().lower().startswith(_SRGB_NAMES):
            return None
        output = "RGBA" if mode == "RGBA" else "RGB"
        return ImageCms.buildTransform(profile, _SRGB, mode, output)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
