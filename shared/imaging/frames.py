"""Count frames in the bytes alone, stopping at a cap.

Pillow counts a GIF's or TIFF's frames by visiting each of them in Python, and a small file can hold
millions. These walkers cost microseconds and give up once the cap is passed.
"""

from collections.abc import Callable

from shared.imaging.limits import Format, ImageRejected, Limits


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
