"""Parts that files are built of in these tests."""

import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from shared.imaging.containers.chunks import walk_chunks
from tests.shared.imaging.photographs import encode_image


def make_riff_chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a WebP, padded to an even size."""
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) & 1)


def make_webp(*chunks: bytes) -> bytes:
    """A WebP of these chunks."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def make_box(kind: bytes, *contents: bytes) -> bytes:
    """A box of an AVIF."""
    body = b"".join(contents)
    return struct.pack(">I", len(body) + 8) + kind + body


def make_avif(**added: bytes) -> bytes:
    """A small AVIF with something added to the contents of its boxes (iinf, ipco, iref, …).

    Boxes that it has not got are put behind the others of `meta`.
    """
    data = encode_image(Image.new("RGB", (64, 64), "teal"), "AVIF")
    (_, brands), (_, meta), (_, pixels) = _split(data)
    inner = b"".join(_add(*parts, added) for parts in _split(meta[4:]))
    for name, more in added.items():
        if name.encode() not in meta:
            inner += make_box(name.encode(), more)
    # The pixels go to the front, where nothing moves them.
    old, new = data.index(b"mdat") + 4, len(brands) + 16
    inner = inner.replace(old.to_bytes(4), new.to_bytes(4))
    return (
        make_box(b"ftyp", brands) + make_box(b"mdat", pixels) + make_box(b"meta", meta[:4], inner)
    )


def _add(kind: bytes, body: bytes, added: dict[str, bytes]) -> bytes:
    if kind == b"iprp":
        body = b"".join(_add(*parts, added) for parts in _split(body))
    return make_box(kind, body, added.get(kind.decode(), b""))


def _split(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position < len(data):
        size = int.from_bytes(data[position : position + 4])
        yield data[position + 4 : position + 8], data[position + 8 : position + size]
        position += size


def make_tiff(*entries: tuple[int, int, int, int], big: bool = False, rest: bytes = b"") -> bytes:
    """A TIFF of 16 × 16 grey pixels with more entries: tag, type, count, value.

    The pixels and then `rest` stand behind the directory.
    """
    form, head, size = ("<HHQQ", 16, 20) if big else ("<HHII", 8, 12)
    count = 9 + len(entries)
    start = head + (8 if big else 2) + size * count + (8 if big else 4)
    plain = (
        (256, 4, 1, 16), (257, 4, 1, 16), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, 1, start), (277, 3, 1, 1), (278, 4, 1, 16), (279, 4, 1, 256),
    )  # fmt: skip
    added = {entry[0] for entry in entries}
    kept = [entry for entry in plain if entry[0] not in added]
    whole = sorted([*kept, *entries])
    number = struct.pack("<Q" if big else "<H", len(whole))
    filler = bytes(size * (count - len(whole)))
    header = b"II+\0\x08\0\0\0" + struct.pack("<Q", 16) if big else b"II*\0\x08\0\0\0"
    packed = b"".join(struct.pack(form, *entry) for entry in whole)
    return header + number + packed + bytes(8 if big else 4) + filler + bytes(range(256)) + rest


def make_bmp_of_runs(width: int, height: int, runs: bytes) -> bytes:
    """A BMP of run lengths of 8 bits."""
    offset = 14 + 40 + 1024
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(runs), 0, 0, 256, 0)
    return (
        b"BM" + struct.pack("<IHHI", offset + len(runs), 0, 0, offset) + info + bytes(1024) + runs
    )


def mend_checksums(png: bytes) -> bytes:
    """Make the checksums of ancillary chunks right, so that only what they hold is broken."""
    whole = bytearray(png)
    for one in walk_chunks(png):
        if one.is_ancillary and one.end <= len(png):
            checksum = zlib.crc32(png[one.start + 4 : one.end - 4])
            whole[one.end - 4 : one.end] = checksum.to_bytes(4)
    return bytes(whole)
