"""The chunks for which Pillow refuses a PNG that libpng and browsers show.

libpng takes an ancillary chunk that is broken or too large as absent (`png_benign_error`); Pillow
raises, and with it every reader that is built on it. The rules here are those of
`PIL.PngImagePlugin`.
"""

import re
import struct
import zlib
from collections.abc import Sequence

from shared.imaging.containers.chunks import PngChunk

# Pillow's `MAX_TEXT_CHUNK`, of one text or profile once inflated, and `MAX_TEXT_MEMORY`, of all.
_MAX_INFLATED = 1024 * 1024
_MAX_TEXTS = 64 * _MAX_INFLATED
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
# Pillow keeps texts in the same table as what it tells its decoder.
_RESERVED_KEYWORDS = frozenset((b"bbox", b"exif", b"interlace", b"transparency"))
_LEAST_BYTES = {b"cHRM": 32, b"gAMA": 4, b"pHYs": 9, b"sRGB": 1}
# By colour type: 2 bytes of grey, 6 of a colour.
_LEAST_TRANSPARENCY = {b"\0": 2, b"\2": 6}
_LETTERS = re.compile(rb"\w{4}")
_ANIMATION = (b"acTL", b"fcTL", b"fdAT")
# Sequence number, width, height, x, y (PNG §11.3.5).
_FRAME = struct.Struct(">5I")


def find_refused_chunks(data: bytes, chunks: Sequence[PngChunk]) -> set[PngChunk]:
    """Return the ancillary chunks without which Pillow reads the file.

    A chunk that the bytes end in is not among them: the file is cut, and nobody reads it.
    """
    refused: set[PngChunk] = set()
    texts = _Texts()
    is_ahead = True
    for chunk in chunks:
        is_ahead = is_ahead and chunk.kind != b"IDAT"
        if not chunk.is_ancillary or chunk.end > len(data):
            continue
        # Behind the pixels Pillow looks at no checksum, and stops at a name that is none.
        is_named = _LETTERS.match(chunk.kind) is not None
        if is_ahead and not (is_named and chunk.has_valid_checksum(data)):
            refused.add(chunk)
        elif chunk.kind in TEXTS or chunk.kind == b"iCCP":
            if not texts.accept(chunk.kind, chunk.read_body(data)):
                refused.add(chunk)
        elif chunk.end - chunk.start - 12 < _count_least_bytes(chunk.kind, data):
            refused.add(chunk)
    if _has_broken_frames(data, [chunk for chunk in chunks if chunk not in refused]):
        refused.update(chunk for chunk in chunks if chunk.kind in _ANIMATION)
    return refused


def _count_least_bytes(kind: bytes, data: bytes) -> int:
    return _LEAST_TRANSPARENCY.get(data[25:26], 0) if kind == b"tRNS" else _LEAST_BYTES.get(kind, 0)


class _Texts:
    """Texts and profiles, up to what Pillow holds of them; nothing more is inflated."""

    def __init__(self) -> None:
        self._room = _MAX_TEXTS

    def accept(self, kind: bytes, body: bytes) -> bool:
        """Return whether Pillow reads this chunk after those that were accepted before."""
        keyword, _, rest = body.partition(b"\0")
        if kind == b"iCCP":
            return rest[:1] == b"\0" and self._inflate(rest[1:])
        if keyword in _RESERVED_KEYWORDS:
            return False
        if kind == b"zTXt" and rest:
            return rest[:1] == b"\0" and self._inflate(rest[1:])
        if kind == b"iTXt" and rest[:1] > b"\0" and rest[1:2] == b"\0":
            _, _, compressed = rest[2:].partition(b"\0")[2].partition(b"\0")
            return self._inflate(compressed)
        return self._take(len(rest))

    def _inflate(self, compressed: bytes) -> bool:
        if self._room <= 0:
            return False
        inflater = zlib.decompressobj()
        try:
            size = len(inflater.decompress(compressed, _MAX_INFLATED))
        except zlib.error:
            # Pillow takes the text as empty; the work is done all the same.
            return self._take(_MAX_INFLATED)
        return self._take(size) and not inflater.unconsumed_tail

    def _take(self, size: int) -> bool:
        self._room -= size
        return self._room >= 0


def _has_broken_frames(data: bytes, chunks: Sequence[PngChunk]) -> bool:
    """Return whether Pillow fails over an animation's frames on the way to the first picture.

    It goes on to the end where there is no animation control, else to the second picture.
    """
    size = struct.unpack_from(">II", data, 16) if len(data) >= 24 else (0, 0)
    is_ahead, is_animated, expected = True, False, 0
    for chunk in chunks:
        is_ahead = is_ahead and chunk.kind != b"IDAT"
        if chunk.kind not in _ANIMATION or chunk.end > len(data):
            continue
        body = chunk.read_body(data)
        if chunk.kind == b"acTL":
            if len(body) < 8:
                return True
            is_animated = is_ahead
            continue
        if chunk.kind == b"fcTL" and is_animated and not is_ahead:
            return False
        if len(body) < (26 if chunk.kind == b"fcTL" else 4) or (
            int.from_bytes(body[:4]) != expected
        ):
            return True
        if chunk.kind == b"fcTL":
            _, width, height, x, y = _FRAME.unpack_from(body)
            if x + width > size[0] or y + height > size[1]:
                return True
            if is_ahead and (width, height) != size:
                # That of the default picture covers it (§11.3.5.2).
                return True
        elif is_ahead:
            # Frame data in front of the pixels, which Pillow takes for them.
            return True
        expected += 1
    return False
