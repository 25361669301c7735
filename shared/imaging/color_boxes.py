"""What the boxes of an AVIF file say about its colours."""

from collections.abc import Iterator
from typing import NamedTuple

_MAX_BOXES = 10_000
# ISO 14496-12 §8.5.2 and §12.1.3: what stands in a sample entry before its own boxes.
_SAMPLE_ENTRY_BYTES = 78
# The way from the file to the sample entries of its first track (ISO 14496-12 §6.2.3).
_TRACK = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")


class AvifColors(NamedTuple):
    """Code points of ITU-T H.273, and the largest luminance in cd/m², 0 where it is not told."""

    primaries: int
    transfer: int
    peak: float


class _Box(NamedTuple):
    kind: bytes
    start: int
    end: int


def read_avif_colors(data: bytes) -> AvifColors | None:
    """Return the code points of the picture that is shown first, or None where there are none.

    Of a sequence they stand with its track, of a picture with its primary item (ISO 23008-12
    §6.5.5). A profile in the same place is left to the decoder, and goes before them.
    """
    properties = _read_track(data) if data[8:12] == b"avis" else []
    properties = properties or _read_primary_item(data)
    peak = 0.0
    for box in properties:
        if box.kind == b"clli":  # ISO 23008-12 §6.5.36: maximum and average content light level
            peak = float(_number(data, box.start, 2))
    for box in properties:
        if box.kind == b"colr" and data[box.start : box.start + 4] == b"nclx":
            primaries, transfer = (_number(data, box.start + at, 2) for at in (4, 6))
            return AvifColors(primaries, transfer, peak)
    return None


def _read_track(data: bytes) -> list[_Box]:
    end = len(data)
    start = 0
    for kind in _TRACK:
        if (box := _find(data, kind, start, end)) is None:
            return []
        start, end = box.start, box.end
    # A full box with a number of entries.
    entry = next(_boxes(data, start + 8, end), None)
    return list(_boxes(data, entry.start + _SAMPLE_ENTRY_BYTES, entry.end)) if entry else []


def _read_primary_item(data: bytes) -> list[_Box]:
    """Return the properties of the primary item, in order (ISO 14496-12 §8.11.4, §8.11.14)."""
    meta = _find(data, b"meta", 0, len(data))
    if meta is None:
        return []
    primary = _find(data, b"pitm", meta.start + 4, meta.end)
    iprp = _find(data, b"iprp", meta.start + 4, meta.end)
    ipco = _find(data, b"ipco", iprp.start, iprp.end) if iprp else None
    ipma = _find(data, b"ipma", iprp.start, iprp.end) if iprp else None
    if primary is None or ipco is None or ipma is None:
        return []
    item = _number(data, primary.start + 4, 4 if _number(data, primary.start, 1) else 2)
    properties = list(_boxes(data, ipco.start, ipco.end))
    return [
        properties[index - 1]
        for index in _associations(data, ipma, item)
        if 0 < index <= len(properties)
    ]


def _associations(data: bytes, ipma: _Box, item: int) -> list[int]:
    """Return which properties an item has, counted from 1."""
    item_bytes = 4 if _number(data, ipma.start, 1) else 2
    index_bytes = 2 if _number(data, ipma.start + 3, 1) & 1 else 1
    position = ipma.start + 8
    while position + item_bytes < ipma.end:
        count = data[position + item_bytes]
        first = position + item_bytes + 1
        last = min(first + count * index_bytes, ipma.end)
        if _number(data, position, item_bytes) == item:
            # The highest bit says whether the property is essential.
            highest = 1 << (8 * index_bytes - 1)
            return [
                _number(data, at, index_bytes) & ~highest for at in range(first, last, index_bytes)
            ]
        position = last
    return []


def _find(data: bytes, kind: bytes, start: int, end: int) -> _Box | None:
    return next((box for box in _boxes(data, start, end) if box.kind == kind), None)


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Box]:
    """Yield the boxes in a range (ISO 14496-12 §4.2): kind, and where its content lies."""
    for _ in range(_MAX_BOXES):
        if start + 8 > end:
            return
        size, kind, head = _number(data, start, 4), data[start + 4 : start + 8], 8
        if size == 1:
            size, head = _number(data, start + 8, 8), 16
        if size == 0:
            size = end - start
        if size < head or start + size > end:
            return
        yield _Box(kind, start + head, start + size)
        start += size


def _number(data: bytes, start: int, size: int) -> int:
    return int.from_bytes(data[start : start + size])
