"""The text of a manifest as UTF-8, whatever packs it, in pieces of bounded size.

What is packed cannot be entered in the middle: it is unpacked from its beginning, and what stands
before the place that reading goes on from is passed over.
"""

import codecs
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from shared.manifests.limits import MAX_TEXT, ManifestError, refuse_text

_PIECE = 256 * 1024  # bytes
_GZIP, _ZSTD, _ZSTD_SKIPPABLE = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# A member of gzip takes 20 bytes and may hold nothing. Those that write many fill each.
MEMBERS, _MEMBER_BYTES = 10_000, 1024


def unpack_text(source: BinaryIO, start: int = 0) -> Iterator[bytes]:
    """Yield the text from an offset on; gzip, Zstandard and UTF-16 are recognised by their content.

    `source` can seek. Raise `ManifestError` for what is damaged, or becomes more than 2 GiB.
    """
    source.seek(0)
    head = source.read(4)
    packed = head[:2] == _GZIP or head == _ZSTD or head[1:] == _ZSTD_SKIPPABLE
    encoding = _UTF_16.get(head[:2])
    if not packed and not encoding:
        source.seek(start)
        yield from _limit(_read_pieces(source), start)
        return
    source.seek(0)
    if head[:2] == _GZIP:
        pieces = _gunzip(_read_pieces(source))
    elif packed:
        pieces = _unpack_zstd(source)
    else:
        pieces = _read_pieces(source)
    yield from _skip(_limit(_to_utf8(pieces), 0), start)


def _read_pieces(source: BinaryIO) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        yield piece


def _limit(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        size += len(piece)
        if size > MAX_TEXT:
            raise refuse_text()
        yield piece


def _skip(pieces: Iterator[bytes], count: int) -> Iterator[bytes]:
    for piece in pieces:
        if count < len(piece):
            yield piece[count:]
        count = max(0, count - len(piece))


def _gunzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(wbits=31)
    begun, members, size = False, 0, 0
    for piece in pieces:
        rest = piece
        while rest:
            if not begun and not (rest := rest.lstrip(b"\0")):  # padding behind the last member
                break
            begun = True
            try:
                unpacked = decoder.decompress(rest, _PIECE)
            except zlib.error:
                raise ManifestError("damaged", "it is not valid gzip") from None
            size += len(unpacked)
            if unpacked:
                yield unpacked
            rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            if decoder.eof:
                decoder, begun, members = zlib.decompressobj(wbits=31), False, members + 1
                if members > MEMBERS + size // _MEMBER_BYTES:
                    raise ManifestError("damaged", "it has too many members that hold nothing")
    if begun:
        raise ManifestError("damaged", "it ends within a member of gzip")


def _unpack_zstd(source: BinaryIO) -> Iterator[bytes]:
    import pyarrow as pa  # half a second that other manifests are spared

    stream = pa.CompressedInputStream(pa.PythonFile(_Unowned(source), mode="r"), "zstd")
    while True:
        try:
            piece = stream.read(_PIECE)
        except (pa.ArrowException, OSError) as error:
            raise ManifestError("damaged", f"it is not valid Zstandard: {error}") from None
        if not piece:
            return
        yield piece


class _Unowned(io.RawIOBase):
    """A file for Arrow, which closes what it has read, while others still read from it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        return self._source.read(size)


def _to_utf8(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield text of any encoding that begins with a byte order mark as UTF-8, the rest as it is."""
    first = b""
    while len(first) < 2 and (piece := next(pieces, b"")):
        first += piece
    encoding = _UTF_16.get(first[:2])
    if encoding is None:
        if first:
            yield first
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first).encode("utf-8", "replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
