"""Any pixels to 8-bit sRGB: the only colour space behind the decoder."""

from PIL import Image

from shared.imaging.profiles import Conversion

_STRIP_PIXELS = 2_000_000


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


def convert_to_srgb(image: Image.Image, conversion: Conversion | None) -> Image.Image:
    """Convert L, RGB, RGBA or CMYK pixels to sRGB: L, RGB or RGBA, without metadata.

    `conversion` is None for a file that says nothing usable about its colours.
    """
    if conversion is not None:
        image = conversion(image)
    elif image.mode == "CMYK":
        image = image.convert("RGB")
    image.info = {}
    return image


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
