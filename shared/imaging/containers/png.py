"""Take a PNG apart (W3C PNG, third edition, §11)."""

import zlib
from collections.abc import Iterable, Iterator, Sequence

from shared.imaging.containers.chunks import PngChunk, build_chunk, copy_chunks, read_chunks
from shared.imaging.containers.parts import ImageParts
from shared.imaging.containers.png_refusals import TEXTS, find_refused_chunks
from shared.imaging.exif import MAX_READ, is_refused, keep_orientation, turns_by_xmp
from shared.imaging.limits import MAX_PROFILE_BYTES, ImageRejected, Limits

# ImageMagick's older way, in hexadecimal digits behind three lines of its own.
_EXIF_KEYWORD = b"Raw profile type exif"
_CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
XMP_KEYWORD = b"XML:com.adobe.xmp"
_MAX_EXIF_TEXT = 2 * MAX_READ + 1024
# Bytes that are no EXIF, for a text that says that it is.
_NO_EXIF = b"\0"


def open_png(data: bytes, limits: Limits) -> ImageParts:
    """Take a PNG apart; chunks that libpng takes as absent are absent.

    Raises `ImageRejected` with `decode_error` where it has too many chunks, or libpng refuses one
    without which the picture cannot be shown.
    """
    chunks = read_chunks(data, limits)
    _check_critical_chunks(data, chunks)
    refused, exif = _find_refused(data, chunks)
    sound = [chunk for chunk in chunks if chunk not in refused]
    return ImageParts(
        pixels=copy_chunks(data, (chunk for chunk in _find_pixels(chunks) if chunk not in refused)),
        exif=exif,
        icc_profile=_read_profile(data, chunks),
        frames=_count_frames(data, sound),
        refused=tuple(sorted({chunk.kind.decode("ascii", "replace") for chunk in refused})),
    )


def drop_refused_chunks(data: bytes, limits: Limits) -> bytes:
    """Return the PNG without the chunks that `open_png` calls refused.

    The pixels are the same to the bit, and an orientation stays. If there are any, what follows
    IEND goes with them.
    """
    chunks = read_chunks(data, limits)
    refused, exif = _find_refused(data, chunks)
    if not refused:
        return data
    readable = copy_chunks(data, [chunk for chunk in chunks if chunk not in refused])
    if is_refused(exif) and (kept := keep_orientation(exif)):
        head = chunks[0].end
        readable = readable[:head] + build_chunk(b"eXIf", kept) + readable[head:]
    return readable


def _check_critical_chunks(data: bytes, chunks: Iterable[PngChunk]) -> None:
    """Refuse data of pixels with a wrong checksum, and critical chunks that nobody knows (§5.4).

    Pillow passes over both, and browsers and OpenCV show nothing. Of a cut chunk nothing is known.
    """
    for chunk in chunks:
        if chunk.is_ancillary or chunk.end > len(data):
            continue
        name = chunk.kind.decode("ascii", "replace")
        if chunk.kind == b"IDAT" and not chunk.has_valid_checksum(data):
            raise ImageRejected("decode_error", "png: a wrong checksum of IDAT")
        if chunk.kind not in _CRITICAL and name.isascii() and name.isalpha():
            raise ImageRejected("decode_error", f"png: a critical chunk {name} that nobody knows")


def _find_pixels(chunks: Iterable[PngChunk]) -> Iterator[PngChunk]:
    """Yield what the default picture is made of; its data ends at the first other chunk (§5.6)."""
    previous, has_ended = b"", False
    for chunk in chunks:
        has_ended = has_ended or (previous == b"IDAT" and chunk.kind != b"IDAT")
        is_late = has_ended and chunk.kind == b"IDAT"
        if not is_late and (chunk.kind == b"tRNS" or not chunk.is_ancillary):
            yield chunk
        previous = chunk.kind


def _find_refused(data: bytes, chunks: Sequence[PngChunk]) -> tuple[set[PngChunk], bytes]:
    """Return the refused chunks, and EXIF, which may stand in them."""
    refused = find_refused_chunks(data, chunks)
    sound = [chunk for chunk in chunks if chunk not in refused]
    exif = read_png_exif(data, sound)
    if is_refused(exif):
        refused.update(chunk for chunk in sound if has_keyword(data, chunk, _EXIF_KEYWORD))
        refused.update(chunk for chunk in sound if chunk.kind == b"eXIf")
    packets = [chunk for chunk in sound if has_keyword(data, chunk, XMP_KEYWORD)]
    if packets and turns_by_xmp(exif, read_png_text(data, packets[-1], _MAX_EXIF_TEXT) or b""):
        refused.update(packets)
    return refused, exif


def _read_profile(data: bytes, chunks: Iterable[PngChunk]) -> bytes | None:
    """Return the first colour profile, up to 4 MiB: four times what Pillow reads."""
    for chunk in chunks:
        if chunk.kind == b"IDAT":
            break
        if chunk.kind == b"iCCP" and chunk.has_valid_checksum(data):
            return _inflate(chunk.read_body(data).partition(b"\0")[2], MAX_PROFILE_BYTES)
    return None


def _count_frames(data: bytes, chunks: Iterable[PngChunk]) -> int:
    """Return what the animation control in front of the pixels says (§11.3.5.1)."""
    for chunk in chunks:
        if chunk.kind == b"IDAT":
            break
        if chunk.kind == b"acTL":
            return max(int.from_bytes(chunk.read_body(data)[:4]), 1)
    return 1


def has_keyword(data: bytes, chunk: PngChunk, keyword: bytes) -> bool:
    """Return whether a chunk is a text under that keyword."""
    return chunk.kind in TEXTS and data.startswith(keyword + b"\0", chunk.start + 8)


def read_png_exif(data: bytes, chunks: Sequence[PngChunk]) -> bytes:
    """Return the last eXIf, else the last text that holds EXIF, wherever they stand."""
    if blocks := [chunk for chunk in chunks if chunk.kind == b"eXIf"]:
        return blocks[-1].read_body(data)[:MAX_READ]
    texts = [chunk for chunk in chunks if has_keyword(data, chunk, _EXIF_KEYWORD)]
    if not texts:
        return b""
    block = read_raw_profile(data, texts[-1])
    return _NO_EXIF if block is None else block[:MAX_READ]


def read_raw_profile(data: bytes, chunk: PngChunk) -> bytes | None:
    """Return what ImageMagick writes in hexadecimal digits; None where these are none."""
    text = read_png_text(data, chunk, _MAX_EXIF_TEXT) or b""
    try:
        return bytes.fromhex(b"".join(text.split(b"\n")[3:]).decode("ascii"))
    except ValueError:
        return None


def read_png_text(data: bytes, chunk: PngChunk, most: int) -> bytes | None:
    """Return the text behind a keyword and its NUL; None for a broken one, or one of more bytes."""
    rest = chunk.read_body(data).partition(b"\0")[2]
    if chunk.kind == b"tEXt":
        return rest
    if chunk.kind == b"zTXt":
        return _inflate(rest, most)
    parts = rest[2:].split(b"\0", 2)
    text = parts[2] if len(parts) == 3 else b""
    return _inflate(rest[1:2] + text, most) if rest[:1] > b"\0" else text


def _inflate(method_and_data: bytes, most: int) -> bytes | None:
    """Return what compression method 0 holds (§10.1); None where that is nothing or too much."""
    if method_and_data[:1] != b"\0":
        return None
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(method_and_data[1:], most)
    except zlib.error:
        return None
    return None if inflater.unconsumed_tail else inflated or None
