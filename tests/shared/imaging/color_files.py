"""Eight patches of colour in files that say in many ways which colours they are."""

import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

from shared.imaging.primaries import PRIMARIES, Chromaticities
from shared.imaging.profiles import SRGB_CURVE, Curve, build_profile
from shared.imaging.rendering import render
from shared.imaging.variants import Variant
from tests.shared.imaging.hostile import chunk
from tests.shared.imaging.photographs import encode_image, open_image

Color = tuple[int, int, int]

PATCHES: tuple[Color, ...] = (
    (255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128),
    (64, 64, 64), (200, 100, 50), (255, 255, 255), (0, 0, 0),
)  # fmt: skip
BT709, BT2020, DISPLAY_P3 = PRIMARIES[1], PRIMARIES[9], PRIMARIES[12]
ADOBE_RGB = (0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
LINEAR: Curve = (1.0, 1.0, 0.0, 0.0, 0.0)
GAMMA_2_2: Curve = (2.2, 1.0, 0.0, 0.0, 0.0)

_SIDE = 16


def make_png(
    *extra: bytes, kind: int = 2, depth: int = 8, rows: bytes = b"", width: int = 8
) -> bytes:
    """Return a PNG of one row: the patches, or `rows` of samples of a colour type and depth."""
    samples = rows or b"".join(map(bytes, PATCHES))
    header = struct.pack(">IIBBBBB", width, 1, depth, kind, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" + samples))
    parts = (chunk(b"IHDR", header), *extra, pixels, chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def gamma_chunk(gamma: float) -> bytes:
    """Return a gAMA chunk."""
    return chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))


def chromaticities_chunk(points: Chromaticities) -> bytes:
    """Return a cHRM chunk."""
    return chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in points)))


def code_points_chunk(primaries: int, transfer: int, matrix: int = 0, full_range: int = 1) -> bytes:
    """Return a cICP chunk."""
    return chunk(b"cICP", bytes((primaries, transfer, matrix, full_range)))


def profile_chunk(icc: bytes) -> bytes:
    """Return an iCCP chunk."""
    return chunk(b"iCCP", b"x\0\0" + zlib.compress(icc))


SRGB_CHUNK = chunk(b"sRGB", b"\0")


def make_profile(chromaticities: Chromaticities, curve: Curve = SRGB_CURVE, **tags: bytes) -> bytes:
    """Return an RGB profile that calls itself sRGB, with further tags."""
    name = b"sRGB IEC61966-2.1"
    described = {"desc": struct.pack(">4s4xI", b"desc", len(name) + 1) + name + bytes(79), **tags}
    return add_tags(build_profile(chromaticities, curve), described)


def make_gray_profile(gamma: float) -> bytes:
    """Return a profile of greys."""
    curve = struct.pack(">4s4xIH", b"curv", 1, round(gamma * 256))
    gray = bytearray(add_tags(build_profile(BT709, SRGB_CURVE)[:128] + bytes(4), {"kTRC": curve}))
    gray[16:20] = b"GRAY"
    return bytes(gray)


def add_tags(icc: bytes, tags: dict[str, bytes]) -> bytes:
    """Return a profile with more tags."""
    count = int.from_bytes(icc[128:132])
    table, body = icc[132 : 132 + 12 * count], icc[132 + 12 * count :]
    moved = b"".join(
        table[at : at + 4]
        + (int.from_bytes(table[at + 4 : at + 8]) + 12 * len(tags)).to_bytes(4)
        + table[at + 8 : at + 12]
        for at in range(0, len(table), 12)
    )
    start = 132 + 12 * (count + len(tags))
    for name, content in tags.items():
        body += bytes(-len(body) % 4)
        moved += struct.pack(">4sII", name.encode(), start + len(body), len(content))
        body += content
    size = start + len(body)
    return size.to_bytes(4) + icc[4:128] + struct.pack(">I", count + len(tags)) + moved + body


def make_file(name: str, mode: str = "RGB", **options: Any) -> bytes:
    """Return the patches, 16 pixels wide each, as Pillow writes them with least loss."""
    image = Image.new("RGB", (_SIDE * len(PATCHES), _SIDE))
    for index, color in enumerate(PATCHES):
        image.paste(color, (index * _SIDE, 0, (index + 1) * _SIDE, _SIDE))
    quality: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 100, "subsampling": 0},
        "MPO": {"quality": 100, "subsampling": 0},
        "WEBP": {"lossless": True},
        "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    }
    return encode_image(image.convert(mode), name, **{**quality.get(name, {}), **options})


def set_code_points(avif: bytes, primaries: int, transfer: int) -> bytes:
    """Return an AVIF with other code points in every colour box."""
    parts = avif.split(b"colrnclx")
    numbers = struct.pack(">HH", primaries, transfer)
    return parts[0] + b"".join(b"colrnclx" + numbers + part[4:] for part in parts[1:])


def render_patches(data: bytes) -> list[tuple[int, ...]]:
    """Return each patch as it is rendered, without alpha where it is opaque."""
    (rendered,) = render(data, [Variant(name="same", width=4096, format="png")])
    pixels = np.asarray(open_image(rendered.data).convert("RGBA"))
    side = len(pixels)
    colors = pixels[side // 2, side // 2 :: side].tolist()
    return [tuple(color[:3] if color[3] == 255 else color) for color in colors]


def parse_colors(text: str) -> list[Color]:
    """Return colours written as hexadecimal digits."""
    return [(int(word[:2], 16), int(word[2:4], 16), int(word[4:], 16)) for word in text.split()]
