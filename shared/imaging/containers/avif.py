"""Take an AVIF apart (ISO 14496-12 and ISO 23008-12)."""

from collections.abc import Iterator, Sequence

from shared.imaging.containers.boxes import MediaBox, read_boxes, read_locations
from shared.imaging.containers.parts import ImageParts
from shared.imaging.exif import MAX_READ, is_readable
from shared.imaging.limits import ImageRejected, Limits

# libavif compares each item with all before it, wherever one is named. Encoders write some 60 bytes
# for each: 50 megapixels in tiles of 512 × 512 are 200 items, 400 with transparency.
_TABLES = frozenset((b"grpl", b"iinf", b"iloc", b"ipma", b"iref"))
_MAX_TABLE_BYTES = 40 * 1024
_MAX_EXTENTS = 10_000
_MAX_PROPERTIES = 4096
# Any type that libavif does not know.
_HIDDEN = b"free"


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
            width, height = box.numbers(data, 4, 2)
            limits.check_size(width, height)
    exif = _read_exif(data, boxes)
    return ImageParts(
        pixels=hide_exif(data, boxes), exif=exif, refused=() if is_readable(exif) else ("Exif",)
    )


def hide_exif(data: bytes, boxes: Sequence[MediaBox]) -> bytes:
    """Return the file with its EXIF items as items of no known type; nothing else changes."""
    starts = [start for _, _, start in _find_exif_items(data, boxes)]
    parts, position = [], 0
    for start in starts:
        parts += [data[position:start], _HIDDEN]
        position = start + len(_HIDDEN)
    return b"".join((*parts, data[position:])) if starts else data


def _check_items(data: bytes, boxes: Sequence[MediaBox]) -> None:
    tables = sum(box.end - box.start for box in boxes if box.kind in _TABLES)
    if tables > _MAX_TABLE_BYTES:
        raise ImageRejected("decode_error", f"avif: {tables} bytes of tables of items")
    properties = sum(box.path[-1:] == (b"ipco",) for box in boxes)
    if properties > _MAX_PROPERTIES:
        raise ImageRejected("decode_error", f"avif: {properties} properties")
    locations = (read_locations(box.body(data)) for box in boxes if box.kind == b"iloc")
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
                samples = max(samples, box.numbers(data, 8, 1)[0])
            case b"stco" | b"co64":
                chunks = max(chunks, box.numbers(data, 4, 1)[0])
            case b"stsc":
                (count,) = box.numbers(data, 4, 1)
                samples = max(samples, count)
                in_chunk = max(in_chunk, *box.numbers(data, 8, 3 * min(count, 1000))[1::3], 0)
    # Samples are spread over chunks as unevenly as they are over the entries of that table.
    if max(samples, chunks, chunks * in_chunk // 4) > limits.max_frames:
        raise ImageRejected("too_many_frames", f"more than {limits.max_frames} frames")


def _find_exif_items(
    data: bytes, boxes: Sequence[MediaBox]
) -> Iterator[tuple[int, tuple[bytes, ...], int]]:
    """Yield the number, the path and the place of the type of each EXIF item (§8.11.6)."""
    for box in boxes:
        if box.kind == b"infe":
            # Version and flags, number (4 bytes in version 3), protection, type.
            number_bytes = 4 if data[box.start : box.start + 1] == b"\3" else 2
            start = box.start + 4 + number_bytes + 2
            if data[start : min(start + 4, box.end)] == b"Exif":
                number = int.from_bytes(data[box.start + 4 : box.start + 4 + number_bytes])
                yield number, box.path[:-1], start


def _read_exif(data: bytes, boxes: Sequence[MediaBox]) -> bytes:
    """Return the TIFF structure of the first EXIF item."""
    item, path, _ = next(_find_exif_items(data, boxes), (0, (), 0))
    places = {box.kind: box for box in boxes if box.path == path and box.kind in (b"iloc", b"idat")}
    if not item or b"iloc" not in places:
        return b""
    for location in read_locations(places[b"iloc"].body(data)):
        if location.item == item:
            base = places[b"idat"].start if location.is_in_box and b"idat" in places else 0
            parts = (
                data[base + at : base + at + (size or MAX_READ)] for at, size in location.extents
            )
            whole = b"".join(parts)[: MAX_READ + 4]
            return whole[4 + int.from_bytes(whole[:4]) :]
    return b""
