"""Take a TIFF apart (TIFF 6.0, §2, and BigTIFF)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from shared.imaging.containers.parts import ImageParts
from shared.imaging.exif import MAX_READ, find_xmp_orientation, turns_by_xmp
from shared.imaging.limits import ImageRejected, Limits

# By type: bytes of a value (§2; 13 is an offset, 16 to 18 are BigTIFF's).
_VALUE_BYTES = {
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4,
    16: 8, 17: 8, 18: 8,
}  # fmt: skip
_BYTE, _UNDEFINED = 1, 7
# What pixels are made of: sizes, compressions, strips, tiles, colours, and JPEG within TIFF.
PIXEL_TAGS = frozenset((
    256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324,
    325, 332, 338, 339, 340, 341, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531,
    532, 32997, 32998, 34675, 48129, 50674,
))  # fmt: skip
_OFFSETS = frozenset((273, 279, 324, 325))
# How many bytes the strips or tiles have, which libtiff guesses by all other tags where neither is.
_SIZES = frozenset((279, 325))
_ORIENTATION, _XMP = 274, 700
# What is said about the picture, and the directories that say more (§8; EXIF 2.32, §4.6.3).
_FACTS = frozenset((270, 271, 272, 305, 306, 315, 33432))
_DIRECTORIES = frozenset((34665, 34853))
_MAX_ENTRIES = 4096  # of a directory; libtiff takes no more (tif_dirread.c)
_MAX_FACT_BYTES = 64 * 1024
_MAX_DIRECTORY_BYTES = 1024 * 1024
# A palette of 16 bits has three times 65,536.
_MAX_NUMBERS = 200_000


class TiffEntry(NamedTuple):
    """A directory's entry: tag, type and number of values, its own bytes, and where they begin."""

    tag: int
    value_type: int
    number: int
    raw: bytes
    start: int

    @property
    def value_bytes(self) -> int:
        """Bytes of all values; 0 for a type that nobody knows."""
        return self.number * _VALUE_BYTES.get(self.value_type, 0)


@dataclass(frozen=True, slots=True)
class TiffLayout:
    """The format of a TIFF's numbers: byte order, and BigTIFF or not."""

    order: Literal["little", "big"]
    is_big: bool

    @property
    def offset_bytes(self) -> int:
        """Bytes of an offset, of an entry's count and of an entry's value."""
        return 8 if self.is_big else 4

    @property
    def count_bytes(self) -> int:
        """Bytes of a directory's number of entries."""
        return 8 if self.is_big else 2

    @property
    def entry_bytes(self) -> int:
        """Bytes of an entry."""
        return 4 + 2 * self.offset_bytes

    def read_number(self, data: bytes) -> int:
        """Return the number that these bytes are."""
        return int.from_bytes(data, self.order)

    def read_values(self, data: bytes, entry: TiffEntry, most: int) -> bytes:
        """Return an entry's values as they stand in the file, up to so many bytes."""
        value = entry.raw[4 + self.offset_bytes :]
        if entry.value_bytes <= self.offset_bytes:
            return value[: entry.value_bytes]
        start = self.read_number(value)
        return data[start : start + min(entry.value_bytes, most)]


def open_tiff(data: bytes, limits: Limits) -> ImageParts:
    """Take a TIFF apart: its directory keeps the first picture's pixels and a few facts.

    Raises `ImageRejected` with `decode_error` where libtiff refuses the directory, it has more
    entries or the picture more strips or tiles than `limits.max_parts`, or a tag more numbers than
    anything needs.
    """
    layout, head_bytes = read_tiff_layout(data)
    first = layout.read_number(data[head_bytes : head_bytes + layout.offset_bytes])
    _check_directory(data, first, layout)
    everything = read_entries(data, first, layout, limits)
    entries = []
    for entry in everything:
        if entry.tag in PIXEL_TAGS:
            _check_numbers(entry, limits)
        elif not _is_fact(data, entry, layout, limits):
            continue
        entries.append(entry)
    edits = _find_edits(data, everything, layout)
    if any(entry.tag in _SIZES for entry in entries):
        pixels = _replace_directory(data, first, entries, layout)
    else:
        pixels = _edit(data, edits)
    return ImageParts(
        pixels=pixels,
        exif=pixels,
        frames=_count_directories(data, first, layout, limits),
        refused=("XMP",) if edits else (),
    )


def neutralize_xmp(data: bytes, limits: Limits) -> bytes:
    """Return the TIFF with XMP that Pillow reads and turns nothing by, if `open_tiff` refuses it.

    Its orientation becomes 1 and its type that of bytes. Nothing moves.
    """
    layout, head_bytes = read_tiff_layout(data)
    first = layout.read_number(data[head_bytes : head_bytes + layout.offset_bytes])
    return _edit(data, _find_edits(data, read_entries(data, first, layout, limits), layout))


def _edit(data: bytes, edits: Iterable[tuple[int, bytes]]) -> bytes:
    for start, new in edits:
        data = data[:start] + new + data[start + len(new) :]
    return data


def _find_edits(
    data: bytes, entries: Iterable[TiffEntry], layout: TiffLayout
) -> list[tuple[int, bytes]]:
    """Return what to put where, for Pillow not to fail over XMP or to turn a picture by it alone.

    It looks into XMP where there is no orientation, and expects bytes there.
    """
    by_tag = {entry.tag: entry for entry in entries}
    if _XMP not in by_tag or _ORIENTATION in by_tag:
        return []
    xmp, edits = by_tag[_XMP], []
    if xmp.value_bytes and xmp.value_type not in (_BYTE, _UNDEFINED):
        edits.append((xmp.start + 2, _UNDEFINED.to_bytes(2, layout.order)))
    start = layout.read_number(xmp.raw[4 + layout.offset_bytes :])
    packet = data[start : start + min(xmp.value_bytes, MAX_READ)]
    if turns_by_xmp(b"", packet):
        edits.append((start + find_xmp_orientation(packet), b"1"))
    return edits


def read_tiff_layout(data: bytes) -> tuple[TiffLayout, int]:
    """Return how numbers are written, and the bytes in front of the first directory's offset."""
    layout = TiffLayout("little" if data[:2] == b"II" else "big", data[2:4] in (b"+\0", b"\0+"))
    return layout, 8 if layout.is_big else 4


def read_entries(data: bytes, offset: int, layout: TiffLayout, limits: Limits) -> list[TiffEntry]:
    """Return the entries of the directory at an offset, the first of each tag.

    Raises `ImageRejected` with `decode_error` where there are more than `limits.max_parts`.
    """
    start = offset + layout.count_bytes
    count = layout.read_number(data[offset:start])
    if count > limits.max_parts:
        raise ImageRejected("decode_error", f"tiff: more than {limits.max_parts} tags")
    size = layout.entry_bytes
    entries: dict[int, TiffEntry] = {}
    for at in range(start, min(start + count * size, len(data) - size + 1), size):
        raw = data[at : at + size]
        entry = TiffEntry(
            layout.read_number(raw[:2]),
            layout.read_number(raw[2:4]),
            layout.read_number(raw[4 : 4 + layout.offset_bytes]),
            raw,
            at,
        )
        entries.setdefault(entry.tag, entry)
    return list(entries.values())


def _check_directory(data: bytes, offset: int, layout: TiffLayout) -> None:
    """Refuse what libtiff does: a directory of too many entries, or of more than there are bytes.

    The offset of the next directory may be missing. A decoder that never sees the directory as it
    stands would take the file, and readers of the file would not.
    """
    start = offset + layout.count_bytes
    count = layout.read_number(data[offset:start])
    if count > _MAX_ENTRIES:
        raise ImageRejected("decode_error", f"tiff: more than {_MAX_ENTRIES} tags")
    if start + count * layout.entry_bytes > len(data):
        raise ImageRejected("decode_error", "tiff: its directory does not end within the file")


def _check_numbers(entry: TiffEntry, limits: Limits) -> None:
    """Refuse what costs Pillow microseconds for each of many."""
    limit = limits.max_parts if entry.tag in _OFFSETS else _MAX_NUMBERS
    if entry.number > limit and entry.value_type not in (1, 2, 7):
        raise ImageRejected("decode_error", f"tiff: more than {limit} values of tag {entry.tag}")


def _is_fact(data: bytes, entry: TiffEntry, layout: TiffLayout, limits: Limits) -> bool:
    if entry.tag in _FACTS:
        return entry.value_bytes <= _MAX_FACT_BYTES
    if entry.tag not in _DIRECTORIES:
        return False
    offset = layout.read_number(entry.raw[4 + layout.offset_bytes :])
    if layout.read_number(data[offset : offset + layout.count_bytes]) > limits.max_parts:
        return False
    more = read_entries(data, offset, layout, limits)
    return sum(entry.value_bytes for entry in more) <= _MAX_DIRECTORY_BYTES


def _replace_directory(
    data: bytes, offset: int, entries: Iterable[TiffEntry], layout: TiffLayout
) -> bytes:
    """Return the file with a directory of some of its entries, and no further one.

    It takes the place of the old one, which had them all, so that nothing moves and a cut file
    stays cut.
    """
    raws = [entry.raw for entry in entries]
    directory = b"".join(
        (
            len(raws).to_bytes(layout.count_bytes, layout.order),
            *raws,
            bytes(layout.offset_bytes),
        )
    )[: max(0, len(data) - offset)]
    return data[:offset] + directory + data[offset + len(directory) :]


def _count_directories(data: bytes, first: int, layout: TiffLayout, limits: Limits) -> int:
    """Return how many directories a file links, of which the last may lead back to one of them."""
    offset, seen = first, set[int]()
    while 0 < offset < len(data) and offset not in seen and len(seen) <= limits.max_frames:
        seen.add(offset)
        count = layout.read_number(data[offset : offset + layout.count_bytes])
        link = offset + layout.count_bytes + count * layout.entry_bytes
        offset = layout.read_number(data[link : link + layout.offset_bytes])
    return max(len(seen), 1)
