"""Conversions to sRGB by ICC profiles, which are judged by what they do and never by their name."""

import io
import struct
from collections.abc import Callable
from functools import lru_cache, partial
from itertools import chain, product
from typing import Literal

from PIL import Image, ImageChops, ImageCms

from shared.imaging.limits import MAX_PROFILE_BYTES
from shared.imaging.primaries import D50, Chromaticities, Vector, build_connection_matrix

# What the file stores, whatever it is decoded to.
Channels = Literal["GRAY", "RGB", "CMYK"]
# Takes L, RGB, RGBA or CMYK, gives L, RGB or RGBA.
Conversion = Callable[[Image.Image], Image.Image]
# g, a, b, c, d: Y = (a X + b)^g from X = d on, c X below (ICC.1:2022 §10.18, function type 3).
Curve = tuple[float, float, float, float, float]

SRGB_CURVE: Curve = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
# Of 255 levels: sRGB profiles differ by so much among each other, the compact ones most.
_SAME = 2
_SRGB = ImageCms.createProfile("sRGB")


class UnusableProfile(Exception):
    """The profile is broken, or describes other channels than the picture has."""


def find_profile_conversion(icc: bytes, channels: Channels) -> Conversion | None:
    """Return what converts a picture with such channels to sRGB; None where it changes nothing.

    A grey picture may also have the profile of an RGB space, as in browsers.
    Raises `UnusableProfile`.
    """
    if len(icc) > MAX_PROFILE_BYTES:
        raise UnusableProfile(f"{len(icc)} bytes")
    # Editors make the same profile anew for each picture, with another date and checksum; and a
    # class that does not fit the tags keeps no browser from using them.
    head = icc[:12] + b"mntr" + icc[16:24] + bytes(12) + icc[36:84] + bytes(16)
    return _find_conversion(head + icc[100:], channels)


def build_profile(chromaticities: Chromaticities, curve: Curve) -> bytes:
    """Return an ICC profile of the RGB space with these primaries and this tone curve.

    It has the tags that a conversion reads and no others (ICC.1:2022 §8.3.3).
    Raises `UnusableProfile` where the primaries span no space.
    """
    try:
        columns = zip(*build_connection_matrix(chromaticities), strict=True)
        tone = struct.pack(">4s4xHH5i", b"para", 3, 0, *map(_to_fixed, curve))
        tags = [(b"wtpt", _pack_xyz(D50))]
        for name, column in zip((b"r", b"g", b"b"), columns, strict=True):
            tags += [(name + b"XYZ", _pack_xyz(column)), (name + b"TRC", tone)]
    except (ZeroDivisionError, OverflowError, ValueError, struct.error) as error:
        raise UnusableProfile("the primaries span no space") from error
    table, body, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, content in tags:
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content
    header = struct.pack(">I4xI12s12x4s28x", start + len(body), 0x4300000, b"mntrRGB XYZ ", b"acsp")
    return (header + _pack_xyz(D50)[8:]).ljust(128, b"\0") + table + body


def _to_fixed(value: float) -> int:
    """Return a number as s15Fixed16 (ICC.1:2022 §4.6)."""
    return round(value * 65536)


def _pack_xyz(values: Vector) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *map(_to_fixed, values))


@lru_cache(maxsize=8)
def _find_conversion(icc: bytes, channels: Channels) -> Conversion | None:
    try:
        space = ImageCms.ImageCmsProfile(io.BytesIO(icc)).profile.xcolor_space.strip()
        if space != channels and (space, channels) != ("RGB", "GRAY"):
            raise UnusableProfile(f"a profile of {space} for a picture in {channels}")
        if _changes_nothing(icc, space, channels):
            return None
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        raise UnusableProfile(str(error)) from error
    return partial(_convert_gray if space == "GRAY" else _convert, icc)


def _changes_nothing(icc: bytes, space: str, channels: Channels) -> bool:
    """Try a profile on all greys, and on a grid of colours."""
    modes = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}
    # Not optimised: that takes four fifths of the time, and pays from some 100,000 pixels on.
    transform = _build_transform(icc, modes[space], ImageCms.Flags.NOOPTIMIZE)
    if channels == "CMYK":
        return False
    probe = Image.linear_gradient("L")
    if channels == "RGB":
        levels = range(0, 256, 17)
        probe = Image.frombytes(
            "RGB", (256, 16), bytes(chain.from_iterable(product(levels, repeat=3)))
        )
    elif space == "RGB":
        probe = probe.convert("RGB")
    converted = transform.apply(probe)
    difference = ImageChops.difference(converted, probe.convert("RGB")).getextrema()
    return all(isinstance(band, tuple) and band[1] <= _SAME for band in difference)


def _convert(icc: bytes, image: Image.Image) -> Image.Image:
    if image.mode == "L":
        image = image.convert("RGB")
    return _transform(icc, image.mode).apply(image)


def _convert_gray(icc: bytes, image: Image.Image) -> Image.Image:
    """Convert a grey picture, which has become RGBA where it has an alpha channel."""
    gray = _transform(icc, "L").apply(image.getchannel(0)).getchannel(0)
    if image.mode == "RGBA":
        return Image.merge("RGBA", (gray, gray, gray, image.getchannel("A")))
    return gray


@lru_cache(maxsize=8)
def _transform(icc: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    return _build_transform(icc, mode)


def _build_transform(
    icc: bytes, mode: str, flags: ImageCms.Flags = ImageCms.Flags.NONE
) -> ImageCms.ImageCmsTransform:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    output = "RGBA" if mode == "RGBA" else "RGB"
    return ImageCms.buildTransform(profile, _SRGB, mode, output, flags=flags)
