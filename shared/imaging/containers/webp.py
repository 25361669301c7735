"""Take a WebP apart (RFC 9649, §2)."""

from collections.abc import Iterator
from typing import NamedTuple

from shared.imaging.containers.parts import ImageParts
from shared.imaging.exif import MAX_READ, is_readable
from shared.imaging.limits import ImageRejected, Limits

_HEAD_BYTES = 12
_EXIF_FLAG = 0x08
_FLAGS = 20


class RiffChunk(NamedTuple):
    """A chunk's kind, and where its head begins and its padding ends, in bytes of the file."""

    kind: bytes
    start: int
    end: int

    def body(self, data: bytes) -> bytes:
        """Return what stands behind the length, without the padding."""
        size = int.from_bytes(data[self.start + 4 : self.start + 8], "little")
        return data[self.start + 8 : self.start + 8 + size]


def read_riff_chunks(data: bytes, limits: Limits) -> Iterator[RiffChunk]:
    """Yield the chunks within the file's own size; the last one ends behind them where it is cut.

    Raises `ImageRejected` with `decode_error` where there are more than `limits.max_parts`.
    """
    position = _HEAD_BYTES
    whole = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    for _ in range(limits.max_parts):
        if position + 8 > whole:
            return
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        end = position + 8 + size + (size & 1)
        yield RiffChunk(data[position : position + 4], position, end)
        position = end
    raise ImageRejected("decode_error", f"webp: more than {limits.max_parts} chunks")


def open_webp(data: bytes, limits: Limits) -> ImageParts:
    """Take a WebP apart; its decoder passes over what it does not need by itself.

    Raises `ImageRejected` with `decode_error` where it has too many chunks, or `too_many_pixels`
    where its canvas is too large, which the decoder would make before anything else.
    """
    is_extended = data[12:16] == b"VP8X" and len(data) >= 30
    if is_extended:
        width, height = (int.from_bytes(data[i : i + 3], "little") + 1 for i in (24, 27))
        limits.check_size(width, height)
    frames, exif = 0, None
    for chunk in read_riff_chunks(data, limits):
        frames += chunk.kind == b"ANMF"
        if frames > limits.max_frames:
            break
        if chunk.kind == b"EXIF" and exif is None and is_extended and data[_FLAGS] & _EXIF_FLAG:
            exif = chunk.body(data)[:MAX_READ]
    return ImageParts(
        pixels=data,
        exif=exif or b"",
        frames=max(frames, 1),
        refused=() if is_readable(exif or b"") else ("EXIF",),
    )


def drop_exif_chunk(data: bytes, limits: Limits) -> bytes:
    """Return the WebP without EXIF; the pixels are the same to the bit."""
    chunks = [chunk for chunk in read_riff_chunks(data, limits) if chunk.kind != b"EXIF"]
    body = bytearray(b"WEBP")
    for chunk in chunks:
        body += data[chunk.start : chunk.end]
    body[_FLAGS - 8] &= ~_EXIF_FLAG
    return b"RIFF" + len(body).to_bytes(4, "little") + body
