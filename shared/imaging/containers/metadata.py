"""Find what is said about a picture beside it: XMP, IPTC and Content Credentials in any format."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from shared.imaging.containers.avif import XMP_ITEM, find_media_items, read_media_item
from shared.imaging.containers.boxes import read_boxes
from shared.imaging.containers.chunks import read_chunks
from shared.imaging.containers.gif import read_blocks
from shared.imaging.containers.jpeg import JpegSegment, read_segments
from shared.imaging.containers.png import (
    XMP_KEYWORD,
    has_keyword,
    read_png_text,
    read_raw_profile,
)
from shared.imaging.containers.tiff import read_entries, read_tiff_layout
from shared.imaging.containers.webp import read_riff_chunks
from shared.imaging.limits import ImageFormat, Limits
from shared.rights.iim import find_iptc
from shared.rights.xmp import MAX_PACKET

_MAX_PACKETS = 4  # a file has one, a JPEG with a long one two
_APP1, _APP11, _APP13 = 0xE1, 0xEB, 0xED
# XMP specification part 3, §1.1.3; the second has a digest, a size and an offset behind its name.
_JPEG_XMP, _JPEG_XMP_MORE = (
    b"http://ns.adobe.com/xap/1.0/\0",
    b"http://ns.adobe.com/xmp/extension/\0",
)
_DIGEST_BYTES = 32
_PHOTOSHOP = b"Photoshop 3.0\0"
_PNG_IPTC = b"Raw profile type iptc"
# An application extension whose XMP is no chain of sub-blocks, up to a ramp of bytes (§1.1.2).
_GIF_APPLICATION, _GIF_XMP, _GIF_RAMP = b"\xff", b"\x0bXMP DataXMP", b"\x01\xff\xfe\xfd"
_TIFF_XMP, _TIFF_IPTC, _TIFF_PHOTOSHOP, _TIFF_C2PA = 700, 33723, 34377, 52545
# Content Credentials (C2PA 2.4, annex A.3); a box of JUMBF in a JPEG, of which one type is theirs.
_JPEG_BOX, _LONG_BOX = b"JP", b"\0\0\0\1"
_GIF_C2PA = b"\x0bC2PA_GIF"
_BOX_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


class MetadataBlocks(NamedTuple):
    """The XMP packets of a file, its block of IPTC's Information Interchange Model, and more.

    `credentials` are bytes within which the box of its Content Credentials begins.
    """

    xmp: tuple[bytes, ...] = ()
    iptc: bytes = b""
    credentials: bytes = b""


def find_metadata(data: bytes, found: ImageFormat, limits: Limits) -> MetadataBlocks:
    """Return what a file of a known format holds of them; a packet that is too large in part.

    Raises `ImageRejected` with `decode_error` where the file has too many parts.
    """
    match found:
        case "jpeg":
            return _find_in_jpeg(data, limits)
        case "png":
            return _find_in_png(data, limits)
        case "webp":
            chunks = list(read_riff_chunks(data, limits))
            packets = (part.read_body(data) for part in chunks if part.kind == b"XMP ")
            stores = (part.read_body(data) for part in chunks if part.kind == b"C2PA")
            return _gather(packets, credentials=b"".join(stores))
        case "gif":
            return _find_in_gif(data, limits)
        case "tiff":
            return _find_in_tiff(data, limits)
        case "avif":
            return _find_in_avif(data, limits)
        case "bmp":
            return MetadataBlocks()


def _gather(
    packets: Iterable[bytes | None], iptc: bytes = b"", credentials: bytes = b""
) -> MetadataBlocks:
    whole = islice(filter(None, packets), _MAX_PACKETS)
    return MetadataBlocks(tuple(packet[: MAX_PACKET + 1] for packet in whole), iptc, credentials)


def _find_in_jpeg(data: bytes, limits: Limits) -> MetadataBlocks:
    segments = list(read_segments(data, limits))
    packets = list(_read_named(data, segments, _APP1, _JPEG_XMP))
    pieces: dict[bytes, list[tuple[bytes, bytes]]] = defaultdict(list)
    for part in _read_named(data, segments, _APP1, _JPEG_XMP_MORE):
        offset = part[_DIGEST_BYTES + 4 : _DIGEST_BYTES + 8]
        pieces[part[:_DIGEST_BYTES]].append((offset, part[_DIGEST_BYTES + 8 :]))
    more = (b"".join(piece for _, piece in sorted(parts)) for parts in pieces.values())
    resources = b"".join(_read_named(data, segments, _APP13, _PHOTOSHOP))
    return _gather(
        [*packets[: _MAX_PACKETS // 2], *more],
        find_iptc(resources),
        _join_boxes(_read_named(data, segments, _APP11, _JPEG_BOX)),
    )


def _join_boxes(parts: Iterable[bytes]) -> bytes:
    """Return boxes that lie in segments (ISO 19566-5, annex D).

    In front of each part stand the numbers of the box and of the part, and the box's head again.
    """
    ordered = sorted((part[:6], part[6:]) for part in parts)
    return b"".join(
        body if int.from_bytes(numbers[2:]) <= 1 else body[16 if body[:4] == _LONG_BOX else 8 :]
        for numbers, body in ordered
    )


def _read_named(
    data: bytes, segments: Iterable[JpegSegment], code: int, name: bytes
) -> Iterator[bytes]:
    for segment in segments:
        if segment.code == code and data.startswith(name, segment.start + 4):
            yield data[segment.start + 4 + len(name) : segment.end]


def _find_in_png(data: bytes, limits: Limits) -> MetadataBlocks:
    chunks = read_chunks(data, limits)
    packets = (
        read_png_text(data, chunk, MAX_PACKET + 1)
        for chunk in chunks
        if has_keyword(data, chunk, XMP_KEYWORD)
    )
    profiles = (
        read_raw_profile(data, chunk) for chunk in chunks if has_keyword(data, chunk, _PNG_IPTC)
    )
    stores = (chunk.read_body(data) for chunk in chunks if chunk.kind == b"caBX")
    return _gather(packets, find_iptc(next(profiles, None) or b""), b"".join(stores))


def _find_in_gif(data: bytes, limits: Limits) -> MetadataBlocks:
    packets, stores = [], []
    for block in read_blocks(data, limits):
        head = block.start + 2
        if block.label != _GIF_APPLICATION:
            continue
        if data.startswith(_GIF_XMP, head):
            packets.append(data[head + len(_GIF_XMP) : block.end].partition(_GIF_RAMP)[0])
        elif data.startswith(_GIF_C2PA, head):
            stores.append(b"".join(_read_sub_blocks(data, head + 1 + data[head], block.end)))
    return _gather(packets, credentials=b"".join(stores))


def _read_sub_blocks(data: bytes, position: int, end: int) -> Iterator[bytes]:
    while position < end and data[position]:
        yield data[position + 1 : position + 1 + data[position]]
        position += 1 + data[position]


def _find_in_tiff(data: bytes, limits: Limits) -> MetadataBlocks:
    layout, head_bytes = read_tiff_layout(data)
    first = layout.read_number(data[head_bytes : head_bytes + layout.offset_bytes])
    values = {
        entry.tag: layout.read_values(data, entry, MAX_PACKET + 1)
        for entry in read_entries(data, first, layout, limits)
        if entry.tag in (_TIFF_XMP, _TIFF_IPTC, _TIFF_PHOTOSHOP, _TIFF_C2PA)
    }
    iptc = values.get(_TIFF_IPTC) or find_iptc(values.get(_TIFF_PHOTOSHOP, b""))
    return _gather([values.get(_TIFF_XMP)], iptc, values.get(_TIFF_C2PA, b""))


def _find_in_avif(data: bytes, limits: Limits) -> MetadataBlocks:
    boxes = list(read_boxes(data, limits))
    packet = read_media_item(data, boxes, list(find_media_items(data, boxes)), XMP_ITEM)
    stores = (
        box.read_body(data)
        for box in boxes
        if box.kind == b"uuid" and data.startswith(_BOX_C2PA, box.start)
    )
    return _gather([packet], credentials=b"".join(stores))
