"""Any pixels to 8-bit sRGB: the only colour space behind the decoder."""

import math

from PIL import Image, ImageStat

from shared.imaging.profiles import Conversion

_STRIP_PIXELS = 2_000_000


def reduce_image(image: Image.Image, factor: int) -> Image.Image:
    """Average squares of `factor` × `factor` pixels, in a mode that can be resampled.

    Returns L, RGB, RGBA or CMYK with 8 bits per channel. Modes that need another representation
    first (palettes, alpha, 16 bits) are converted strip by strip: converting the whole picture
    would double or triple the memory of the largest ones.
    """
    if image.mode in ("L", "RGB", "CMYK") and "transparency" not in image.info:
        return image.reduce(factor) if factor > 1 else image
    extrema = image.getextrema() if image.mode in ("I", "F") else None
    if factor == 1 or image.width * image.height <= _STRIP_PIXELS:
        whole = _to_eight_bits(image, extrema)
        return whole.reduce(factor) if factor > 1 else whole
    rows = max(1, _STRIP_PIXELS // (image.width * factor)) * factor
    small = [
        _to_eight_bits(
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


def drop_alpha(image: Image.Image) -> Image.Image:
    """Return any pixels as 8-bit RGB, without their alpha and without converting colours.

    So readers of training data take them (`convert("RGB")` of Pillow), but that deep greys keep
    their level: Pillow would make everything above 255 of 65535 white.
    """
    return reduce_image(image, 1).convert("RGB")


def flatten(image: Image.Image, ground: str = "white") -> Image.Image:
    """Lay a picture with an alpha channel on a ground: white, as a page would show it."""
    if image.mode != "RGBA":
        return image
    page = Image.new("RGB", image.size, ground)
    page.paste(image, mask=image.getchannel("A"))
    return page


def flatten_visibly(image: Image.Image) -> Image.Image:
    """Lay a picture with an alpha channel on white, but a light drawing on black."""
    return flatten(image, "black" if is_light_drawing(image) else "white")


def flatten_on_slope(image: Image.Image) -> Image.Image:
    """Lay RGBA on a ground that rises from black at the upper left to grey at the lower right."""
    down = Image.linear_gradient("L")
    slope = Image.blend(down, down.transpose(Image.Transpose.TRANSPOSE), 0.5)
    page = slope.point([level // 2 for level in range(256)]).resize(image.size).convert("RGB")
    page.paste(image, mask=image.getchannel("A"))
    return page


def is_light_drawing(image: Image.Image) -> bool:
    """Return whether a picture has more than twice the contrast on black that it has on white.

    Contrast is the standard deviation of luma. False for pictures without transparent parts.
    """
    if image.mode != "RGBA" or image.getchannel("A").getextrema()[0] == 255:
        return False
    on_white, on_black = (
        ImageStat.Stat(flatten(image, ground).convert("L")).stddev[0]
        for ground in ("white", "black")
    )
    return on_black > 2 * on_white


def _to_eight_bits(image: Image.Image, extrema: object) -> Image.Image:
    match image.mode:
        case "L" | "RGB" | "P" | "PA" | "LA" | "La" | "RGBa" if image.has_transparency_data:
            return image.convert("RGBA")
        case "L" | "RGB" | "RGBA" | "CMYK":
            return image
        case "1":
            return image.convert("L")
        case "I;16":
            return _narrow(image)
        case "I" | "F":
            return _stretch(image, extrema)
        case _:
            return image.convert("RGB")


def _narrow(image: Image.Image) -> Image.Image:
    """Return 16-bit greys with 8 bits: 65535 is white; RGBA where one grey is transparent."""
    deep = image.convert("I")
    gray = deep.point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if not isinstance(key := image.info.get("transparency"), int):
        return gray
    alpha = deep.point([0 if value == key else 255 for value in range(65_536)], "L")
    return Image.merge("RGBA", (gray, gray, gray, alpha))


def _stretch(image: Image.Image, extrema: object) -> Image.Image:
    """Return 32-bit samples with 8: they have no agreed white, so their own range is 0 to 255."""
    low, high = extrema if isinstance(extrema, tuple) else (0, 255)
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = 0, 1
    scale = 255 / (high - low) if high > low else 0.0
    return image.point(lambda value: value * scale - low * scale).convert("L")
