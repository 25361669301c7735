"""PNG's chunks (W3C PNG, third edition, §5)."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from shared.imaging.limits import ImageRejected, Limits

_SIGNATURE_BYTES = 8
_HEAD = struct.Struct(">I4s")


class PngChunk(NamedTuple):
    """A chunk's kind, and where its length begins and its checksum ends, in bytes of the file."""

    kind: bytes
    start: int
    end: int

    @property
    def is_ancillary(self) -> bool:
        """Return whether the picture can be shown without this chunk (§5.4)."""
        return bool(self.kind[0] & 0x20)

    def read_body(self, data: bytes) -> bytes:
        """Return what stands between the kind and the checksum."""
        return data[self.start + 8 : self.end - 4]

    def has_valid_checksum(self, data: bytes) -> bool:
        """Return whether the CRC is that of the kind and the body."""
        computed = zlib.crc32(memoryview(data)[self.start + 4 : self.end - 4])
        return computed.to_bytes(4) == data[self.end - 4 : self.end]


def walk_chunks(data: bytes) -> Iterator[PngChunk]:
    """Yield the chunks up to IEND, or to where the bytes end.

    The last one ends behind the bytes where these are cut.
    """
    position, kind = _SIGNATURE_BYTES, b""
    while position + _HEAD.size <= len(data) and kind != b"IEND":
        size, kind = _HEAD.unpack_from(data, position)
        yield PngChunk(kind, position, position + 12 + size)
        position += 12 + size


def read_chunks(data: bytes, limits: Limits) -> list[PngChunk]:
    """Return what `walk_chunks` yields.

    Raises `ImageRejected` with `decode_error` where there are more than `limits.max_parts`.
    """
    chunks = list(islice(walk_chunks(data), limits.max_parts + 1))
    if len(chunks) > limits.max_parts:
        raise ImageRejected("decode_error", f"png: more than {limits.max_parts} chunks")
    return chunks


def copy_chunks(data: bytes, chunks: Iterable[PngChunk]) -> bytes:
    """Return a PNG of these chunks of a file, in this order, byte for byte."""
    ranges = [[0, _SIGNATURE_BYTES]]
    for _, start, end in chunks:
        if ranges[-1][1] == start:
            ranges[-1][1] = end
        else:
            ranges.append([start, end])
    return b"".join(data[start:end] for start, end in ranges)


def build_png(chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a PNG of chunks given by kind and body."""
    return b"".join((b"\x89PNG\r\n\x1a\n", *(build_chunk(*chunk) for chunk in chunks)))


def build_chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of this kind and body."""
    checksum = zlib.crc32(kind + body)
    return b"".join((len(body).to_bytes(4), kind, body, checksum.to_bytes(4)))
