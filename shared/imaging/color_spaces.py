"""Finds the colour space of a file's pixels, and the conversion to sRGB.

`docs/decisions/color.md` says which descriptions are read, in which order, and why.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from shared.imaging.color_boxes import read_avif_colors
from shared.imaging.containers.chunks import walk_chunks
from shared.imaging.limits import ImageFormat
from shared.imaging.primaries import PRIMARIES, SRGB, Chromaticities
from shared.imaging.profiles import (
    SRGB_CURVE,
    Channels,
    Conversion,
    Curve,
    UnusableProfile,
    build_profile,
    find_profile_conversion,
)


class RgbSpace(NamedTuple):
    """An RGB space by its primaries and tone curve."""

    chromaticities: Chromaticities
    curve: Curve


class HighRange(NamedTuple):
    """RGB of high dynamic range, by its H.273 code points; `peak` in cd/m², 0 where unknown."""

    primaries: int
    transfer: int
    peak: float = 0.0


# What a file says about its colours; bytes are an ICC profile.
ColorSpace = bytes | RgbSpace | HighRange

_SRGB_SPACE = RgbSpace(SRGB, SRGB_CURVE)
# A file that encodes with about 1/2.2 and names no primaries is sRGB: within libpng's
# `PNG_GAMMA_THRESHOLD` of 5 %.
_SRGB_GAMMA, _GAMMA_THRESHOLD = 1 / 2.2, 0.05
_CHROMATICITY_THRESHOLD = 0.002
_GAMMA_RANGE = (0.1, 10.0)
_COLOR_CHUNKS = {b"cICP": 4, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cLLI": 8}
_CHANNELS: dict[str, Channels] = dict.fromkeys(
    ("1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "F"), "GRAY"
)
_CHANNELS |= dict.fromkeys(("P", "PA", "RGB", "RGBA", "RGBa", "RGBX"), "RGB")
_CHANNELS["CMYK"] = "CMYK"


def _make_power_curve(exponent: float, scale: float = 1.0) -> Curve:
    return (exponent, scale, 0.0, 0.0, 0.0)


_PQ, _HLG = 16, 18
# ITU-T H.273 (07/2024) table 3: how the levels of each code point are displayed. Of the television
# standards that is the display's curve, BT.1886, and not the inverse of the camera's.
_CURVES: dict[int, Curve] = dict.fromkeys((1, 6, 11, 14, 15), _make_power_curve(2.4))
_CURVES |= {
    4: _make_power_curve(2.2),
    5: _make_power_curve(2.8),
    7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913),
    8: _make_power_curve(1.0),
    13: SRGB_CURVE,
    17: _make_power_curve(2.6, (52.37 / 48) ** (1 / 2.6)),
}
# Browsers show AVIF with these as sRGB: so is tagged what was never graded for television.
_SRGB_IN_AVIF = (1, 6, 11, 14, 15)


def find_conversion(
    data: bytes, found: ImageFormat, mode: str, icc: bytes | None
) -> Conversion | None:
    """Return what turns a file's pixels into sRGB, or None where nothing changes.

    `mode` is that of Pillow for the opened file, `icc` the profile that its decoder found. A
    description that is broken, or is one of other channels, counts as absent.
    """
    if (channels := _CHANNELS.get(mode)) is None:
        return None
    for space in _read_color_spaces(data, found, icc):
        try:
            return _find_conversion(space, channels)
        except UnusableProfile:
            continue
    return None


def _read_color_spaces(data: bytes, found: ImageFormat, icc: bytes | None) -> Iterator[ColorSpace]:
    """Yield what a file says about its colours, what counts most first."""
    if found == "png":
        yield from _read_png(data, icc)
        return
    if found == "bmp":
        icc = _read_bmp_profile(data)
    if icc:
        yield icc
    elif found == "avif" and (colors := read_avif_colors(data)):
        primaries, transfer, peak = colors
        primaries = primaries if primaries in PRIMARIES else 1
        if transfer in _SRGB_IN_AVIF or transfer not in (*_CURVES, _PQ, _HLG):
            transfer = 13
        yield _to_color_space(primaries, transfer, peak)


def _read_png(data: bytes, icc: bytes | None) -> Iterator[ColorSpace]:
    """Read cICP, then iCCP, then sRGB, then gAMA with cHRM (W3C PNG, third edition, §4.3)."""
    chunks = _read_color_chunks(data)
    if cicp := chunks.get(b"cICP"):
        primaries, transfer, matrix, full_range = cicp
        peak = int.from_bytes(chunks.get(b"cLLI", b"")[:4]) / 10_000
        if (matrix, full_range) == (0, 1):
            yield _to_color_space(primaries, transfer, peak)
    if icc:
        yield icc
    if b"sRGB" in chunks:
        yield _SRGB_SPACE
    elif gamma := int.from_bytes(chunks.get(b"gAMA", b"")) / 100_000:
        chromaticities = SRGB
        if points := chunks.get(b"cHRM"):
            x = [value / 100_000 for value in struct.unpack(">8I", points)]
            if any(abs(a - b) > _CHROMATICITY_THRESHOLD for a, b in zip(x, SRGB, strict=True)):
                chromaticities = x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
        is_usual = abs(gamma / _SRGB_GAMMA - 1) < _GAMMA_THRESHOLD
        if _GAMMA_RANGE[0] <= gamma <= _GAMMA_RANGE[1] and not (
            is_usual and chromaticities == SRGB
        ):
            yield RgbSpace(chromaticities, _make_power_curve(1 / gamma))


def _read_color_chunks(data: bytes) -> dict[bytes, bytes]:
    """Return the first chunk of each kind in front of the pixels that has a right checksum."""
    chunks: dict[bytes, bytes] = {}
    for chunk in takewhile(lambda chunk: chunk.kind != b"IDAT", walk_chunks(data)):
        has_right_size = _COLOR_CHUNKS.get(chunk.kind) == chunk.end - chunk.start - 12
        if has_right_size and chunk.kind not in chunks and chunk.has_valid_checksum(data):
            chunks[chunk.kind] = chunk.read_body(data)
    return chunks


def _read_bmp_profile(data: bytes) -> bytes | None:
    """Return the profile embedded in a bitmap with a BITMAPV5HEADER, whose type is 'MBED'."""
    if int.from_bytes(data[14:18], "little") != 124 or data[70:74] != b"DEBM":
        return None
    start, size = (int.from_bytes(data[at : at + 4], "little") for at in (126, 130))
    return data[14 + start : 14 + start + size]


def _read_profile_code_points(icc: bytes) -> bytes | None:
    """Return the content of a profile's cicp tag (ICC.1:2022 §9.2.17, §10.3)."""
    count = min(int.from_bytes(icc[128:132]), 100)
    for at in range(132, 132 + 12 * count, 12):
        if icc[at : at + 4] == b"cicp":
            start = int.from_bytes(icc[at + 4 : at + 8])
            tag = icc[start : start + 12]
            return tag[8:] if tag[:4] == b"cicp" and len(tag) == 12 else None
    return None


def _to_color_space(primaries: int, transfer: int, peak: float = 0.0) -> ColorSpace:
    """Return the space of H.273 code points, or bytes that are no profile for those unknown."""
    if primaries in PRIMARIES and transfer in (_PQ, _HLG):
        return HighRange(primaries, transfer, peak)
    if primaries in PRIMARIES and transfer in _CURVES:
        return RgbSpace(PRIMARIES[primaries], _CURVES[transfer])
    return b""


def _find_conversion(space: ColorSpace, channels: Channels) -> Conversion | None:
    if isinstance(space, bytes):
        code_points = _read_profile_code_points(space)
        if code_points and channels != "CMYK" and code_points[2:] == b"\0\1":
            space = _to_color_space(*code_points[:2]) or space
    if isinstance(space, HighRange):
        # Loads numpy: with the first picture that needs it.
        from shared.imaging.tone_mapping import build_hlg_conversion, build_pq_conversion

        if space.transfer == _HLG:
            return build_hlg_conversion(space.primaries)
        return build_pq_conversion(space.primaries, space.peak)
    profile = space if isinstance(space, bytes) else _build_profile(space)
    return find_profile_conversion(profile, channels)


@lru_cache(maxsize=32)
def _build_profile(space: RgbSpace) -> bytes:
    return build_profile(*space)
