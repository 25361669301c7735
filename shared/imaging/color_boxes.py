"""Reads the colour properties in the boxes of an AVIF file."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shared.imaging.containers.boxes import MediaBox, read_boxes
from shared.imaging.limits import Limits

_TRACK = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_PROPERTIES = (b"meta", b"iprp", b"ipco")
# ISO 14496-12 §8.5.2: version, flags and number of entries in front of the first sample entry, and
# the fields of a visual one (§12.1.3) in front of its boxes.
_SAMPLE_ENTRY = 8
_VISUAL_FIELDS = 8 + 78


class AvifColors(NamedTuple):
    """Code points of ITU-T H.273, and the largest luminance in cd/m², 0 where it is not told."""

    primaries: int
    transfer: int
    peak: float


def read_avif_colors(data: bytes) -> AvifColors | None:
    """Return the code points of the picture that is shown first, or None where there are none.

    Of a sequence they stand with its track, of a picture with its primary item (ISO 23008-12
    §6.5.5). A profile in the same place is left to the decoder, and goes before them.
    """
    boxes = list(read_boxes(data, Limits()))
    properties = _read_track(data, boxes) if data[8:12] == b"avis" else []
    properties = properties or _read_primary_item(data, boxes)
    # ISO 23008-12 §6.5.36: the maximum content light level comes first.
    peaks = [float(_to_number(body[:2])) for kind, body in properties if kind == b"clli"]
    for kind, body in properties:
        if kind == b"colr" and body[:4] == b"nclx":
            return AvifColors(_to_number(body[4:6]), _to_number(body[6:8]), sum(peaks[:1]))
    return None


def _read_track(data: bytes, boxes: Iterable[MediaBox]) -> list[tuple[bytes, bytes]]:
    """Return kinds and contents of what stands in the first track's first sample entry."""
    for box in boxes:
        if box.kind == b"stsd" and box.path == _TRACK:
            entry = data[box.start + _SAMPLE_ENTRY : box.end]
            inside = entry[_VISUAL_FIELDS : _to_number(entry[:4])]
            return [(one.kind, one.read_body(inside)) for one in read_boxes(inside, Limits())]
    return []


def _read_primary_item(data: bytes, boxes: Sequence[MediaBox]) -> list[tuple[bytes, bytes]]:
    """Return kinds and contents of the primary item's properties (ISO 14496-12 §8.11.14)."""
    found = {(*box.path, box.kind): box for box in reversed(boxes)}
    primary, associations = found.get((b"meta", b"pitm")), found.get((b"meta", b"iprp", b"ipma"))
    if primary is None or associations is None:
        return []
    body = primary.read_body(data)
    item = _to_number(body[4:8] if body[:1] > b"\0" else body[4:6])
    properties = [box for box in boxes if box.path == _PROPERTIES]
    return [
        (properties[index - 1].kind, properties[index - 1].read_body(data))
        for index in _read_associations(associations.read_body(data), item)
        if 0 < index <= len(properties)
    ]


def _read_associations(table: bytes, item: int) -> list[int]:
    """Return which properties an item has, counted from 1."""
    item_bytes = 4 if table[:1] > b"\0" else 2
    index_bytes = 2 if table[3:4] and table[3] & 1 else 1
    position = 8
    while position + item_bytes < len(table):
        first = position + item_bytes + 1
        last = first + table[first - 1] * index_bytes
        if _to_number(table[position : first - 1]) == item:
            # The highest bit says whether the property is essential.
            highest = 1 << (8 * index_bytes - 1)
            indexes = (table[at : at + index_bytes] for at in range(first, last, index_bytes))
            return [_to_number(index) & ~highest for index in indexes]
        position = last
    return []


def _to_number(part: bytes) -> int:
    return int.from_bytes(part)
