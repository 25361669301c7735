"""Animations of a few pixels, frame by frame as they are stored."""

import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from tests.shared.imaging.hostile import chunk

PALETTE = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))


class GifFrame(NamedTuple):
    """A frame's place on the canvas, and its indexes in `PALETTE`."""

    x: int
    y: int
    width: int
    height: int
    indexes: Sequence[int]
    transparent: int | None = None


def make_gif(width: int, height: int, *frames: GifFrame, background: int = 0) -> bytes:
    """Return a GIF of four colours."""
    parts = [b"GIF89a", struct.pack("<HHBBB", width, height, 0x81, background, 0)]
    parts += map(bytes, PALETTE)
    for frame in frames:
        flags = frame.transparent is not None
        parts.append(struct.pack("<BBBBHBB", 0x21, 0xF9, 4, flags, 10, frame.transparent or 0, 0))
        parts.append(struct.pack("<B4HB", 0x2C, *frame[:4], 0) + _compress(frame.indexes))
    return b"".join(parts) + b";"


def _compress(indexes: Sequence[int]) -> bytes:
    """Return codes of 3 bits, cleared before they grow (GIF89a appendix F)."""
    codes = [
        code
        for at, index in enumerate(indexes)
        for code in ((4, index) if at % 2 == 0 else (index,))
    ]
    bits = sum(code << 3 * at for at, code in enumerate([*codes, 5]))
    packed = bits.to_bytes((3 * len(codes) + 10) // 8, "little")
    blocks = (packed[at : at + 255] for at in range(0, len(packed), 255))
    return b"\2" + b"".join(bytes((len(block),)) + block for block in blocks) + b"\0"


class PngFrame(NamedTuple):
    """A frame of one colour, and where it lies on the canvas."""

    width: int
    height: int
    color: tuple[int, ...]
    x: int = 0
    y: int = 0
    blend: int = 0


def make_apng(
    canvas: PngFrame, *frames: PngFrame, is_shown: bool = False, extra: Sequence[bytes] = ()
) -> bytes:
    """Return an animated PNG whose default picture is `canvas`, part of the animation or not."""
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[len(canvas.color)]
    header = struct.pack(">IIBBBBB", canvas.width, canvas.height, 8, kind, 0, 0, 0)
    count = len(frames) + is_shown
    parts = [chunk(b"IHDR", header), chunk(b"acTL", struct.pack(">II", count, 0)), *extra]
    number = 0
    if is_shown:
        parts.append(_control(number, canvas))
        number += 1
    parts.append(chunk(b"IDAT", _fill(canvas)))
    for frame in frames:
        parts.append(_control(number, frame))
        parts.append(chunk(b"fdAT", struct.pack(">I", number + 1) + _fill(frame)))
        number += 2
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def _control(number: int, frame: PngFrame) -> bytes:
    body = struct.pack(">5I", number, frame.width, frame.height, frame.x, frame.y)
    return chunk(b"fcTL", body + struct.pack(">HHBB", 1, 10, 0, frame.blend))


def _fill(frame: PngFrame) -> bytes:
    return zlib.compress((b"\0" + bytes(frame.color) * frame.width) * frame.height)
