"""Take out of a TIFF what its directories say beside the pixels; nothing in it moves."""

from collections.abc import Iterable

from shared.imaging.containers.tiff import (
    PIXEL_TAGS,
    TiffEntry,
    TiffLayout,
    read_entries,
    read_tiff_layout,
)
from shared.imaging.limits import ImageRejected, Limits

# Beside what pixels are decoded from: kinds of page, resolution, colours, and the copyright.
_SHOWN = PIXEL_TAGS | frozenset((
    254, 255, 263, 264, 265, 266, 280, 281, 282, 283, 290, 291, 296, 301, 318, 319, 321, 326, 327,
    328, 333, 334, 336, 342, 33432,
))  # fmt: skip
# EXIF, GPS, what these say of other files, and pages within pages (previews).
_DIRECTORIES = {330: "SubIFDs", 34665: "EXIF", 34853: "GPS", 40965: "Interoperability"}
_NAMES = {700: "XMP", 33723: "IPTC", 34377: "Photoshop", 315: "Artist", 52545: "C2PA"}
_MAX_DEPTH = 3


def clear_directories(data: bytes, limits: Limits) -> tuple[bytes, set[str]]:
    """Return the TIFF with only what pixels need in its directories, and the names of the rest.

    Values that are gone are overwritten with zeros. Raises `ImageRejected` with `decode_error`
    where a directory has too many entries or they lie over each other, or with `too_many_frames`.
    """
    layout, head_bytes = read_tiff_layout(data)
    offset = layout.read_number(data[head_bytes : head_bytes + layout.offset_bytes])
    eraser, gone, seen = _Eraser(data, layout, limits), set[str](), set[int]()
    while 0 < offset < len(data) and offset not in seen:
        seen.add(offset)
        if len(seen) > limits.max_frames:
            raise ImageRejected("too_many_frames", f"more than {limits.max_frames} frames")
        entries = read_entries(data, offset, layout, limits)
        dropped = [entry for entry in entries if entry.tag not in _SHOWN]
        for entry in dropped:
            eraser.erase(entry, _MAX_DEPTH)
        if dropped:
            eraser.write(offset, [entry for entry in entries if entry.tag in _SHOWN])
        gone |= {_name(entry) for entry in dropped}
        link = _find_link(data, offset, layout)
        offset = layout.read_number(data[link : link + layout.offset_bytes])
    return bytes(eraser.cleared), gone


def _name(entry: TiffEntry) -> str:
    return _NAMES.get(entry.tag) or _DIRECTORIES.get(entry.tag) or f"tag {entry.tag}"


def _find_link(data: bytes, offset: int, layout: TiffLayout) -> int:
    """Return where a directory says which is the next."""
    count = layout.read_number(data[offset : offset + layout.count_bytes])
    return offset + layout.count_bytes + count * layout.entry_bytes


class _Eraser:
    """Overwrites parts of a TIFF, in time that grows with its size."""

    def __init__(self, data: bytes, layout: TiffLayout, limits: Limits) -> None:
        self.cleared = bytearray(data)
        self._data, self._layout, self._limits = data, layout, limits
        self._left = 2 * len(data)

    def erase(self, entry: TiffEntry, depth: int) -> None:
        """Overwrite what an entry leads to: its values, and directories with theirs."""
        value = entry.raw[4 + self._layout.offset_bytes :]
        at = self._layout.read_number(value)
        if entry.tag in _DIRECTORIES and entry.number == 1 and depth:
            for inner in read_entries(self._data, at, self._layout, self._limits):
                self.erase(inner, depth - 1)
                self._zero(inner.start, self._layout.entry_bytes)
        elif entry.value_bytes > self._layout.offset_bytes:
            self._zero(at, entry.value_bytes)

    def write(self, offset: int, entries: Iterable[TiffEntry]) -> None:
        """Put a directory of these entries where a longer one was, with its link to the next."""
        raws = [entry.raw for entry in entries]
        link = _find_link(self._data, offset, self._layout)
        following = self._data[link : link + self._layout.offset_bytes]
        head = len(raws).to_bytes(self._layout.count_bytes, self._layout.order)
        directory = b"".join((head, *raws, following))[: len(self._data) - offset]
        self._zero(offset, link + len(following) - offset)
        self.cleared[offset : offset + len(directory)] = directory

    def _zero(self, start: int, size: int) -> None:
        end = min(start + size, len(self.cleared))
        if start < end:
            self._left -= end - start
            if self._left < 0:
                raise ImageRejected("decode_error", "tiff: its tags lie over each other")
            self.cleared[start:end] = bytes(end - start)
