"""Take a WebP apart (RFC 9649, §2)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from shared.imaging.containers.parts import ImageParts
from shared.imaging.exif import MAX_READ, is_refused, keep_orientation, turns_by_xmp
from shared.imaging.limits import ImageRejected, Limits

_HEAD_BYTES = 12
_OPTIONAL = {b"EXIF": 0x08, b"XMP ": 0x04}
_FLAGS = 20


class RiffChunk(NamedTuple):
    """A chunk's kind, and where its head begins and its padding ends, in bytes of the file."""

    kind: bytes
    start: int
    end: int

    def read_body(self, data: bytes) -> bytes:
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
    if data[12:16] == b"VP8X":
        width, height = (int.from_bytes(data[i : i + 3], "little") + 1 for i in (24, 27))
        limits.check_size(width, height)
    chunks, frames = [], 0
    for chunk in read_riff_chunks(data, limits):
        chunks.append(chunk)
        frames += chunk.kind == b"ANMF"
        if frames > limits.max_frames:
            break
    return ImageParts(
        pixels=data,
        exif=_read_first(data, chunks, b"EXIF"),
        frames=max(frames, 1),
        refused=tuple(kind.decode().strip() for kind in _find_refused(data, chunks)),
    )


def drop_refused_riff_chunks(data: bytes, limits: Limits) -> bytes:
    """Return the WebP without the chunks that `open_webp` calls refused.

    The pixels are the same to the bit, and an orientation stays.
    """
    chunks = list(read_riff_chunks(data, limits))
    refused = _find_refused(data, chunks)
    if not refused:
        return data
    body, kept = bytearray(b"WEBP"), keep_orientation(_read_first(data, chunks, b"EXIF"))
    gone = refused if not kept else [kind for kind in refused if kind != b"EXIF"]
    for chunk in chunks:
        if chunk.kind not in refused:
            body += data[chunk.start : chunk.end]
        elif chunk.kind not in gone and kept:
            body += chunk.kind + len(kept).to_bytes(4, "little") + kept
            kept = b""
    for kind in gone:
        body[_FLAGS - 8] &= ~_OPTIONAL[kind]
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _find_refused(data: bytes, chunks: Sequence[RiffChunk]) -> list[bytes]:
    """Return the kinds of EXIF that Pillow fails over, and of XMP by which it alone turns."""
    exif, xmp = (_read_first(data, chunks, kind) for kind in (b"EXIF", b"XMP "))
    refused = [b"EXIF"] if is_refused(exif) else []
    return [*refused, b"XMP "] if turns_by_xmp(exif, xmp) else refused


def _read_first(data: bytes, chunks: Sequence[RiffChunk], kind: bytes) -> bytes:
    """Return the first chunk of a kind, if the head says that there is one."""
    flags = data[_FLAGS] if data[12:16] == b"VP8X" and len(data) > _FLAGS else 0
    chunk = next((chunk for chunk in chunks if chunk.kind == kind), None)
    if not flags & _OPTIONAL[kind]:
        return b""
    return chunk.read_body(data)[:MAX_READ] if chunk else b""


def read_riff_exif(data: bytes, chunks: Sequence[RiffChunk]) -> bytes:
    """Return the block of EXIF that a WebP says it has; empty where there is none."""
    return _read_first(data, chunks, b"EXIF")


def write_riff(parts: Iterable[tuple[bytes, bytes]], exif: bytes) -> bytes:
    """Return a WebP of these chunks (kind and body) and EXIF, if any, whose head says no more."""
    body = bytearray(b"WEBP")
    for kind, content in parts:
        is_head = kind == b"VP8X" and content
        body += _make_chunk(kind, _set_flags(content, exif) if is_head else content)
    body += _make_chunk(b"EXIF", exif) if exif else b""
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _set_flags(head: bytes, exif: bytes) -> bytes:
    flags = head[0] & ~(_OPTIONAL[b"EXIF"] | _OPTIONAL[b"XMP "])
    return bytes((flags | (_OPTIONAL[b"EXIF"] if exif else 0),)) + head[1:]


def _make_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "little") + content + bytes(len(content) & 1)
