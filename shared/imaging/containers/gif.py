"""Take a GIF apart (GIF89a, §15-§27)."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from shared.imaging.containers.parts import ImageParts
from shared.imaging.limits import ImageRejected, Limits

_SCREEN_BYTES = 13
_EXTENSION, _IMAGE, _TRAILER = b"!", b",", b";"
# Transparency and disposal of the picture behind it.
_CONTROL = b"\xf9"
# Pillow passes over anything in front of the first block.
_FIRST = re.compile(rb"[!,;]")
# Encoders write sub-blocks of 255 bytes: 50 MiB hold 200,000 of them.
_MAX_SUB_BLOCKS = 1_000_000


class GifBlock(NamedTuple):
    """A picture (`label` is None) or an extension, and where it begins and ends in the file."""

    label: bytes | None
    start: int
    end: int


def read_blocks(data: bytes, limits: Limits) -> Iterator[GifBlock]:
    """Yield the blocks up to the trailer, or to where the bytes end or stop being blocks.

    The last one ends behind the bytes where these are cut. Raises `ImageRejected` with
    `decode_error` where there are more than `limits.max_parts`, or a million sub-blocks.
    """
    position = _SCREEN_BYTES + _count_color_table_bytes(data[10:11])
    if first := _FIRST.search(data, position):
        position = first.start()
    sub_blocks = 0
    for _ in range(limits.max_parts):
        start, kind = position, data[position : position + 1]
        if kind == _EXTENSION:
            position += 2
        elif kind == _IMAGE:
            position += 11 + _count_color_table_bytes(data[start + 9 : start + 10])
        else:
            return
        while position < len(data) and data[position]:
            position += 1 + data[position]
            sub_blocks += 1
            if sub_blocks > _MAX_SUB_BLOCKS:
                raise ImageRejected("decode_error", f"gif: more than {_MAX_SUB_BLOCKS} sub-blocks")
        position += 1
        yield GifBlock(data[start + 1 : start + 2] if kind == _EXTENSION else None, start, position)
    raise ImageRejected("decode_error", f"gif: more than {limits.max_parts} blocks")


def open_gif(data: bytes, limits: Limits) -> ImageParts:
    """Take a GIF apart: comments, texts and further pictures are not for the decoder.

    Raises `ImageRejected` with `decode_error` where it has too many blocks, or `too_many_pixels`
    where its screen is too large, which the decoder would make before anything else.
    """
    width, height = (int.from_bytes(data[i : i + 2], "little") for i in (6, 8))
    limits.check_size(max(width, 1), max(height, 1))
    parts, frames = [data[: _SCREEN_BYTES + _count_color_table_bytes(data[10:11])]], 0
    for label, start, end in read_blocks(data, limits):
        frames += label is None
        if frames > limits.max_frames:
            break
        if not frames and label == _CONTROL:
            parts.append(data[start:end])
        if frames == 1 and label is None:
            # A trailer behind a cut picture would be read as part of it.
            parts += [data[start:end], _TRAILER if end <= len(data) else b""]
    return ImageParts(pixels=b"".join(parts) if frames else data, frames=max(frames, 1))


def copy_pictures(data: bytes, limits: Limits) -> bytes:
    """Return the GIF with all pictures and their controls, and nothing else.

    Raises `ImageRejected` with `decode_error` where it has too many blocks.
    """
    parts = [data[: _SCREEN_BYTES + _count_color_table_bytes(data[10:11])]]
    for label, start, end in read_blocks(data, limits):
        if label is None or label == _CONTROL:
            parts.append(data[start:end])
    return b"".join((*parts, _TRAILER))


def _count_color_table_bytes(flags: bytes) -> int:
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0
