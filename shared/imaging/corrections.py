"""Corrects pixels that Pillow decodes otherwise than all other readers do."""

import io
from typing import Any

from PIL import Image

from shared.imaging.animations import cut_first_frame
from shared.imaging.colors import reduce_image

# TIFF 6.0 §8: tags, and the photometric interpretation in which 0 is white.
_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262
_WHITE_IS_ZERO = 0
_WHITE_16 = 65_535
# Kinds of TIFF that Pillow refuses, reads in a mode that cannot be mapped, or takes for others, as
# keys of `TiffImagePlugin.OPEN_INFO`: greys of 12 and 16 bits in both byte orders (12 bits are
# packed alike in both), and 32 bits without a sign, which it reads with one.
TIFF_KINDS: dict[tuple[Any, ...], tuple[str, str]] = {
    (order, photometric, (1,), 1, (12,), ()): ("I;16", "I;12")
    for order in (b"II", b"MM")
    for photometric in (0, 1)
} | {
    (b"MM", 0, (1,), 1, (16,), ()): ("I;16", "I;16B"),
    (b"MM", 1, (1,), 1, (16,), ()): ("I;16", "I;16B"),
    (b"II", 1, (1,), 1, (32,), ()): ("F", "F;32"),
    (b"MM", 1, (1,), 1, (32,), ()): ("F", "F;32B"),
}
# libtiff decompresses to the machine's byte order; Pillow forgets so for these raw modes.
_NATIVE = {
    "I;16S": "I;16NS",
    "I;16BS": "I;16NS",
    "I;32S": "I;32NS",
    "I;32BS": "I;32NS",
    "F;32": "F;32N",
    "F;32B": "F;32N",
    "F;32F": "F;32NF",
    "F;32BF": "F;32NF",
}


def correct_byte_order(image: Image.Image) -> None:
    """Let an opened TIFF that is compressed be read in the byte order that libtiff gives."""
    tiles = getattr(image, "tile", [])
    for index, tile in enumerate(tiles):
        if tile.codec_name == "libtiff" and tile.args[0] in _NATIVE:
            tiles[index] = tile._replace(args=(_NATIVE[tile.args[0]], *tile.args[1:]))


def correct_samples(image: Image.Image) -> Image.Image:
    """Return loaded pixels with the meaning that their mode has elsewhere.

    Greys of up to 16 bits come in I;16, whose white is 65535; deeper ones in I or F, where black is
    the least value.
    """
    if image.format != "TIFF":
        return image
    tags = getattr(image, "tag_v2", {})
    is_inverted = tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    if image.mode == "La":
        return image.convert("LA")
    if image.mode in ("I", "F") and is_inverted:
        return image.point(lambda value: value * -1)
    bits = tags.get(_BITS_PER_SAMPLE, (16,))[0]
    if image.mode == "I;16" and (is_inverted or bits < 16):
        scale = _WHITE_16 / (2**bits - 1)
        if is_inverted:
            return image.point(lambda value: value * -scale + _WHITE_16)
        return image.point(lambda value: value * scale + 0)
    return image


def correct_first_frame(image: Image.Image, data: bytes) -> Image.Image:
    """Return the first frame of a file as browsers show it, given what Pillow loaded as first."""
    match image.format:
        case "GIF":
            return _correct_gif(image)
        case "PNG":
            return _correct_png(image, data)
    return image


def _correct_gif(image: Image.Image) -> Image.Image:
    """Leave the canvas transparent where the first frame does not cover it."""
    extent = getattr(image, "dispose_extent", None) or (0, 0, *image.size)
    if extent == (0, 0, *image.size):
        return image
    canvas = Image.new("RGBA", image.size)
    canvas.paste(image.crop(extent).convert("RGBA"), extent[:2])
    return canvas


def _correct_png(image: Image.Image, data: bytes) -> Image.Image:
    """Show an animation's first frame, also where the default picture is not part of it."""
    depth = data[24]
    if (frame := cut_first_frame(data)) is None:
        return _correct_transparency(image, depth)
    picture = Image.open(io.BytesIO(frame.png), formats=("PNG",))
    picture.load()
    corrected = _correct_transparency(picture, depth)
    if corrected.size == image.size:
        return corrected
    canvas = Image.new("RGBA", image.size)
    canvas.paste(reduce_image(corrected, 1).convert("RGBA"), (frame.x, frame.y))
    return canvas


def _correct_transparency(image: Image.Image, depth: int) -> Image.Image:
    """Scale the colour that a tRNS chunk makes transparent as the pixels of a PNG are scaled.

    W3C PNG, third edition, §11.3.1.1: it is given as a sample of the file's depth, in 2 bytes of
    which only that many bits count.
    """
    key = image.info.get("transparency")
    if isinstance(key, tuple):
        image.info["transparency"] = tuple(part >> 8 if depth == 16 else part & 255 for part in key)
    if not isinstance(key, int) or image.mode == "P" or depth == 16:
        return image
    del image.info["transparency"]
    if image.mode == "1":
        image = image.convert("L")
    white = 2**depth - 1
    image.info["transparency"] = (key & white) * 255 // white
    return image
