"""Take an AVIF apart (ISO 14496-12 and ISO 23008-12)."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shared.imaging.containers.boxes import MediaBox, read_boxes, read_locations
from shared.imaging.containers.parts import ImageParts
from shared.imaging.exif import EXIF_HEAD, MAX_READ, is_readable, is_writable, turns_by_xmp
from shared.imaging.limits import ImageRejected, Limits

# libavif compares each item with all before it, wherever one is named. Encoders write some 60 bytes
# for each: 50 megapixels in tiles of 512 × 512 are 200 items, 400 with transparency.
_TABLES = frozenset((b"grpl", b"iinf", b"iloc", b"ipma", b"iref"))
_MAX_TABLE_BYTES = 40 * 1024
_MAX_EXTENTS = 10_000
_MAX_PROPERTIES = 4096
# Any type that libavif does not know.
_HIDDEN = b"free"
_EXIF, XMP_ITEM = "Exif", "XMP"
_TIFF_HEAD = re.compile(rb"II\*\0|MM\0\*")
# Bytes that are no EXIF, for an item that says that it is.
_NO_EXIF = b"\0"
_XMP_TYPE = b"application/rdf+xml\0"


class MediaItem(NamedTuple):
    """A block of metadata: its name, its number, where it is listed, and where its type stands."""

    name: str
    number: int
    path: tuple[bytes, ...]
    type_start: int


def open_avif(data: bytes, limits: Limits) -> ImageParts:
    """Take an AVIF apart; its EXIF is hidden from Pillow, which may read and write all of it.

    Raises `ImageRejected` with `decode_error` where it has more boxes, items or properties than an
    encoder writes, with `too_many_frames`, or with `too_many_pixels` where any item is too large.
    """
    boxes = list(read_boxes(data, limits))
    _check_items(data, boxes)
    _check_samples(data, boxes, limits)
    for box in boxes:
        if box.kind == b"ispe":
            # ISO 23008-12 §6.5.3: version and flags, width, height.
            width, height = box.read_numbers(data, 4, 2)
            limits.check_size(width, height)
    items = list(find_media_items(data, boxes))
    refused = {item.name for item in _find_refused(data, boxes, items)}
    return ImageParts(
        pixels=_hide(data, [item for item in items if item.name == _EXIF]),
        exif=_read_exif(data, boxes, items),
        refused=tuple(sorted(refused)),
    )


def hide_refused_items(data: bytes, limits: Limits) -> bytes:
    """Return the AVIF with what `open_avif` calls refused as items of no known type.

    Nothing else changes, the size included.
    """
    boxes = list(read_boxes(data, limits))
    return _hide(data, _find_refused(data, boxes, list(find_media_items(data, boxes))))


def blank_metadata(data: bytes, limits: Limits) -> tuple[bytes, set[str]]:
    """Return the AVIF with EXIF, XMP and credentials overwritten with zeros, and their names.

    Their items are of no known type then, and the file's size does not change. Raises
    `ImageRejected` with `decode_error` where items overlap.
    """
    boxes = list(read_boxes(data, limits))
    items = list(find_media_items(data, boxes))
    extents = [part for item in items for part in _find_extents(data, boxes, item)]
    if sum(min(size, len(data)) for _, size in extents) > 2 * len(data):
        raise ImageRejected("decode_error", "avif: its items lie over each other")
    blanked = bytearray(_hide(data, items))
    for start, size in extents:
        end = min(start + size, len(blanked))
        blanked[start:end] = bytes(max(0, end - start))
    stores = [box for box in boxes if box.kind == b"uuid" and any(box.read_body(data))]
    for box in stores:
        blanked[box.start : box.end] = bytes(box.end - box.start)
    return bytes(blanked), {item.name for item in items} | {"uuid" for _ in stores}


def _find_extents(
    data: bytes, boxes: Sequence[MediaBox], item: MediaItem
) -> Iterator[tuple[int, int]]:
    """Yield where the bytes of an item lie in the file, and how many these are."""
    places = {box.kind: box for box in boxes if box.path == item.path}
    if b"iloc" not in places:
        return
    for location in read_locations(places[b"iloc"].read_body(data)):
        if location.item == item.number:
            base = places[b"idat"].start if location.is_in_box and b"idat" in places else 0
            yield from ((base + at, size) for at, size in location.extents)
            return


def _check_items(data: bytes, boxes: Sequence[MediaBox]) -> None:
    tables = sum(box.end - box.start for box in boxes if box.kind in _TABLES)
    if tables > _MAX_TABLE_BYTES:
        raise ImageRejected("decode_error", f"avif: {tables} bytes of tables of items")
    properties = sum(box.path[-1:] == (b"ipco",) for box in boxes)
    if properties > _MAX_PROPERTIES:
        raise ImageRejected("decode_error", f"avif: {properties} properties")
    locations = (read_locations(box.read_body(data)) for box in boxes if box.kind == b"iloc")
    extents = sum(len(location.extents) for table in locations for location in table)
    if extents > _MAX_EXTENTS:
        raise ImageRejected("decode_error", f"avif: {extents} extents")


def _check_samples(data: bytes, boxes: Sequence[MediaBox], limits: Limits) -> None:
    """Refuse tracks of more pictures than are accepted (ISO 14496-12, §8.7).

    A few bytes can claim any number of samples of one size, or in one chunk; libavif holds up to
    2.6 million of them.
    """
    samples, chunks, in_chunk = 0, 0, 0
    for box in boxes:
        match box.kind:
            case b"stsz":
                samples = max(samples, box.read_numbers(data, 8, 1)[0])
            case b"stco" | b"co64":
                chunks = max(chunks, box.read_numbers(data, 4, 1)[0])
            case b"stsc":
                (count,) = box.read_numbers(data, 4, 1)
                samples = max(samples, count)
                in_chunk = max(in_chunk, *box.read_numbers(data, 8, 3 * min(count, 1000))[1::3], 0)
    # Samples are spread over chunks as unevenly as they are over the entries of that table.
    if max(samples, chunks, chunks * in_chunk // 4) > limits.max_frames:
        raise ImageRejected("too_many_frames", f"more than {limits.max_frames} frames")


def find_media_items(data: bytes, boxes: Sequence[MediaBox]) -> Iterator[MediaItem]:
    """Yield the items of EXIF and XMP (ISO 14496-12, §8.11.6)."""
    for box in boxes:
        if box.kind != b"infe":
            continue
        # Version and flags, number (4 bytes from version 3 on), protection, type, name.
        body = box.read_body(data)
        number_bytes = 4 if body[:1] > b"\2" else 2
        number, start = int.from_bytes(body[4 : 4 + number_bytes]), 6 + number_bytes
        kind, rest = body[start : start + 4], body[start + 4 :]
        if kind == b"Exif":
            yield MediaItem(_EXIF, number, box.path[:-1], box.start + start)
        elif kind == b"mime" and rest.partition(b"\0")[2].startswith(_XMP_TYPE):
            yield MediaItem(XMP_ITEM, number, box.path[:-1], box.start + start)


def _find_refused(
    data: bytes, boxes: Sequence[MediaBox], items: Sequence[MediaItem]
) -> list[MediaItem]:
    """Return EXIF that Pillow fails over, and XMP by which it alone turns the picture.

    The file's own rotation goes before both, and EXIF's orientation before that in XMP.
    """
    exif, xmp = _read_exif(data, boxes, items), read_media_item(data, boxes, items, XMP_ITEM)
    is_turned = any(box.kind in (b"irot", b"imir") for box in boxes)
    refused = set[str]()
    if not (is_readable(exif) and is_writable(exif)):
        refused.add(_EXIF)
    if xmp is None or (not is_turned and turns_by_xmp(exif, xmp)):
        refused.add(XMP_ITEM)
    return [item for item in items if item.name in refused]


def _hide(data: bytes, items: Sequence[MediaItem]) -> bytes:
    parts, position = [], 0
    for start in sorted(item.type_start for item in items):
        parts += [data[position:start], _HIDDEN]
        position = start + len(_HIDDEN)
    return b"".join((*parts, data[position:])) if parts else data


def _read_exif(data: bytes, boxes: Sequence[MediaBox], items: Sequence[MediaItem]) -> bytes:
    """Return the TIFF structure of the first EXIF item, which its first four bytes lead to.

    libavif demands that they lead to the first thing in it that looks like one, and Pillow that
    nothing stands in between but what JPEG puts in front of a block.
    """
    payload = read_media_item(data, boxes, items, _EXIF)
    if payload == b"":
        return b""
    found = _TIFF_HEAD.search(payload or b"", 4)
    if payload is None or not found or found.start() != 4 + int.from_bytes(payload[:4]):
        return _NO_EXIF
    if payload[4 : found.start()] not in (b"", EXIF_HEAD, 2 * EXIF_HEAD):
        return _NO_EXIF
    return payload[found.start() :]


def read_media_item(
    data: bytes, boxes: Sequence[MediaBox], items: Sequence[MediaItem], name: str
) -> bytes | None:
    """Return the first item of a name, up to `MAX_READ` bytes and four; empty where there is none.

    None where the item is empty or not whole, which libavif refuses.
    """
    item = next((item for item in items if item.name == name), None)
    if item is None:
        return b""
    payload = bytearray()
    for at, size in _find_extents(data, boxes, item):
        if at + size > len(data):
            return None
        payload += data[at : at + min(size, MAX_READ + 4 - len(payload))]
    return bytes(payload) or None
