"""Boxes of the ISO base media file format (ISO 14496-12, §4.2)."""

from collections.abc import Iterator
from typing import NamedTuple

from shared.imaging.limits import ImageRejected, Limits

# Boxes of boxes, and the bytes of their own in front of these: version, flags, a number of entries.
_PARENTS = {
    b"iinf": 6, b"ipco": 0, b"iprp": 0, b"mdia": 0, b"meta": 4, b"minf": 0, b"moov": 0, b"stbl": 0,
    b"trak": 0,
}  # fmt: skip


class MediaBox(NamedTuple):
    """A box's kind, what kinds it stands in, and where its contents begin and end in the file."""

    kind: bytes
    path: tuple[bytes, ...]
    start: int
    end: int

    def read_body(self, data: bytes) -> bytes:
        """Return the contents."""
        return data[self.start : self.end]

    def read_numbers(self, data: bytes, offset: int, count: int) -> list[int]:
        """Return numbers of 32 bits from an offset within the contents on; 0 behind their end."""
        end = min(self.start + offset + 4 * count, self.end)
        part = data[self.start + offset : max(end, 0)]
        return [int.from_bytes(part[4 * i : 4 * i + 4]) for i in range(count)]


class ItemLocation(NamedTuple):
    """Offsets and sizes of an item's bytes (§8.11.3), in the file or in the `idat` box."""

    item: int
    is_in_box: bool
    extents: list[tuple[int, int]]


def read_boxes(data: bytes, limits: Limits) -> Iterator[MediaBox]:
    """Yield every box from the outside in, in the file's order; the contents end with their parent.

    Raises `ImageRejected` with `decode_error` where there are more than `limits.max_parts`.
    """
    parts = 0
    stack: list[tuple[tuple[bytes, ...], int, int]] = [((), 0, len(data))]
    while stack:
        path, position, end = stack.pop()
        if position + 8 > end:
            continue
        size, head = int.from_bytes(data[position : position + 4]), 8
        kind = data[position + 4 : position + 8]
        if size == 1:
            size, head = int.from_bytes(data[position + 8 : position + 16]), 16
        if size == 0:
            size = end - position
        if size < head:
            continue
        parts += 1
        if parts > limits.max_parts:
            raise ImageRejected("decode_error", f"avif: more than {limits.max_parts} boxes")
        box = MediaBox(kind, path, position + head, min(position + size, end))
        stack.append((path, position + size, end))
        yield box
        if kind in _PARENTS:
            own = _PARENTS[kind]
            if kind == b"iinf" and data[box.start : box.start + 1] > b"\0":
                own += 2  # the number of entries has four bytes from version 1 on
            stack.append(((*path, kind), box.start + own, box.end))


def read_locations(table: bytes) -> Iterator[ItemLocation]:
    """Yield the locations in the contents of an `iloc` box, as far as its bytes go (§8.11.3)."""
    if len(table) < 8:
        return
    version, position = table[0], 6
    number_bytes = 4 if version == 2 else 2
    offset_bytes, length_bytes = table[4] >> 4, table[4] & 15
    base_bytes, index_bytes = table[5] >> 4, table[5] & 15 if version else 0

    def read(size: int) -> int:
        nonlocal position
        position += size
        return int.from_bytes(table[position - size : position])

    for _ in range(read(number_bytes)):
        item = read(number_bytes)
        is_in_box = version > 0 and read(2) & 15 == 1
        read(2)  # which file, where it is not this one
        base, count, extents = read(base_bytes), read(2), []
        for _ in range(count):
            read(index_bytes)
            extents.append((base + read(offset_bytes), read(length_bytes)))
        if position > len(table):
            return
        yield ItemLocation(item, is_in_box, extents)
