"""Count frames and scans in the bytes alone, stopping at a cap.

Pillow counts a GIF's or TIFF's frames by visiting each of them in Python, and a small file can hold
millions; libjpeg decodes every scan of a progressive JPEG over the whole picture, and a small file
can hold thousands. These walkers cost microseconds and give up once the cap is passed.
"""

import re
import struct
from collections.abc import Callable
from typing import NamedTuple

from shared.imaging.containers.chunks import build_png, walk_chunks
from shared.imaging.limits import Format, ImageRejected, Limits

_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def count_frames(data: bytes, found: Format, limits: Limits) -> int:
    """Number of pictures in an animated or multi-page file; 1 where the format has none.

    Raises `ImageRejected` with `too_many_frames` above `limits.max_frames`, or `truncated` where
    a GIF ends inside its first picture's data. AVIF is counted by its decoder.
    """
    counter = _COUNTERS.get(found)
    frames = counter(data, limits.max_frames) if counter else 1
    if frames > limits.max_frames:
        raise ImageRejected("too_many_frames", f"more than {limits.max_frames} frames")
    return frames


class FirstFrame(NamedTuple):
    """A frame as a file of its own, and where it lies on the canvas, in pixels."""

    png: bytes
    x: int
    y: int


def cut_first_frame(data: bytes) -> FirstFrame | None:
    """Return the first frame of an animated PNG whose default picture is not part of it.

    Such a picture stands in for the animation where that is not understood (W3C PNG, third
    edition, §11.3.5), as a text that says so often. None where the default picture comes first,
    or where the frame is missing or not within the canvas.
    """
    kept: dict[bytes, bytes] = {}
    frame, parts = b"", []
    for chunk in walk_chunks(data):
        if chunk.kind == b"fcTL":
            if frame or b"IDAT" not in kept:
                break
            frame = chunk.body(data)
        elif chunk.kind == b"fdAT" and frame:
            parts.append(chunk.body(data)[4:])
        elif chunk.kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"acTL"):
            if chunk.kind == b"IDAT" and b"acTL" not in kept:
                break
            kept.setdefault(chunk.kind, chunk.body(data) if chunk.kind != b"IDAT" else b"")
    if not parts or len(frame) < 20:
        return None
    width, height, x, y = struct.unpack_from(">4I", frame, 4)
    canvas_width, canvas_height = struct.unpack_from(">2I", kept[b"IHDR"])
    if not (width and height) or x + width > canvas_width or y + height > canvas_height:
        return None
    header = frame[4:12] + kept[b"IHDR"][8:]
    chunks = [
        (b"IHDR", header),
        *((kind, kept[kind]) for kind in (b"PLTE", b"tRNS") if kind in kept),
    ]
    chunks += [(b"IDAT", b"".join(parts)), (b"IEND", b"")]
    return FirstFrame(build_png(chunks), x, y)


def check_scans(data: bytes, limits: Limits) -> None:
    """Refuse a progressive JPEG with more scans than any encoder writes (they write about 10).

    A scan of a few bytes can cost a pass over the whole picture.
    Raises `ImageRejected` with `decode_error`.
    """
    scans, position = 0, 2
    while (marker := _NEXT_MARKER.search(data, position)) and marker[0] != b"\xff\xd9":
        scans += marker[0] == b"\xff\xda"
        if scans > limits.max_scans:
            raise ImageRejected("decode_error", f"jpeg: more than {limits.max_scans} scans")
        position = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])


def _count_gif(data: bytes, cap: int) -> int:
    """GIF89a §17-§27: blocks after the screen descriptor and its colour table."""
    position = 13 + _color_table_size(data[10:11])
    frames = 0
    while frames <= cap and (kind := data[position : position + 1]) in (b"!", b","):
        if kind == b"!":
            position += 2
        else:
            frames += 1
            position += 11 + _color_table_size(data[position + 9 : position + 10])
        while size := data[position : position + 1]:
            position += 1 + size[0]
            if size == b"\0":
                break
    return max(frames, 1)


def _color_table_size(flags: bytes) -> int:
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


def _count_png(data: bytes, cap: int) -> int:
    """APNG: acTL stands before the first IDAT and gives the number of frames."""
    position = 8
    while (kind := data[position + 4 : position + 8]) and kind != b"IDAT":
        if kind == b"acTL":
            return max(int.from_bytes(data[position + 8 : position + 12]), 1)
        position += 12 + int.from_bytes(data[position : position + 4])
    return 1


def _count_webp(data: bytes, cap: int) -> int:
    """RFC 9649 §2.7: one ANMF chunk per frame."""
    position, frames = 12, 0
    while frames <= cap and (kind := data[position : position + 4]):
        frames += kind == b"ANMF"
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        position += 8 + size + (size & 1)
    return max(frames, 1)


def _count_tiff(data: bytes, cap: int) -> int:
    """TIFF 6.0 §2 and BigTIFF: a linked list of directories, which may bite its own tail."""
    order = "little" if data[:2] == b"II" else "big"
    big = data[2:4] in (b"+\0", b"\0+")
    offset_size, count_size, entry_size = (8, 8, 20) if big else (4, 2, 12)

    def number(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], order)  # type: ignore[arg-type]

    position = number(8 if big else 4, offset_size)
    seen: set[int] = set()
    while position and position not in seen and position < len(data) and len(seen) <= cap:
        seen.add(position)
        entries = number(position, count_size)
        position = number(position + count_size + entries * entry_size, offset_size)
    return max(len(seen), 1)


_COUNTERS: dict[Format, Callable[[bytes, int], int]] = {
    "gif": _count_gif,
    "png": _count_png,
    "webp": _count_webp,
    "tiff": _count_tiff,
}
