"""Take out of files what is said beside the pixels: place, owner, device, texts, previews.

No pixel changes. What the picture is shown by stays: the colour profile, and of EXIF the
orientation, with the notice of copyright.
"""

from collections.abc import Collection, Iterable
from typing import Literal

from shared.imaging.containers.avif import blank_metadata
from shared.imaging.containers.chunks import PngChunk, build_chunk, copy_chunks, read_chunks
from shared.imaging.containers.gif import read_blocks
from shared.imaging.containers.jpeg import cut_metadata
from shared.imaging.containers.png import read_png_exif
from shared.imaging.containers.tiff_stripping import clear_directories
from shared.imaging.containers.webp import read_riff_chunks, read_riff_exif, write_riff
from shared.imaging.exif import reduce_exif
from shared.imaging.limits import ImageFormat, ImageRejected, Limits

Extras = Literal["none", "metadata", "refused"]
"""What a file has beside its picture: nothing, metadata, or what Pillow refuses it for."""

# W3C PNG, third edition, §11.3: colours, sizes, transparency and animation; the others are texts.
_PNG_SHOWN = frozenset((
    b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"bKGD",
    b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
))  # fmt: skip
_WEBP_SHOWN = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_GIF_COMMENT, _GIF_APPLICATION = b"\xfe", b"\xff"
_GIF_SHOWN = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0", b"\x0bICCRGBG1012")


def strip_metadata(
    data: bytes, found: ImageFormat, limits: Limits
) -> tuple[bytes, tuple[str, ...]]:
    """Return a file of a known format without metadata, and the names of the parts that are gone.

    The same bytes where there are none. Raises `ImageRejected` with `decode_error` where it has
    more parts than an encoder writes.
    """
    stripped, gone = _strip(data, found, limits)
    return (stripped, tuple(sorted({*gone}))) if gone else (data, ())


def find_extras(data: bytes, found: ImageFormat, refused: Collection[str]) -> Extras | None:
    """Return what a file has beside its picture; `refused` names what readers refuse it for.

    None where it cannot be told. Rows of images keep it: who changes the rules by which parts go
    empties the column `extras` by a migration, since it was found by the rules of before.
    """
    if refused:
        return "refused"
    try:
        _, gone = strip_metadata(data, found, Limits())
    except ImageRejected:
        return None
    return "metadata" if gone else "none"


def _strip(data: bytes, found: ImageFormat, limits: Limits) -> tuple[bytes, Collection[str]]:
    match found:
        case "jpeg":
            return cut_metadata(data, limits)
        case "png":
            return _strip_png(data, limits)
        case "webp":
            return _strip_webp(data, limits)
        case "gif":
            return _strip_gif(data, limits)
        case "tiff":
            return clear_directories(data, limits)
        case "avif":
            return blank_metadata(data, limits)
        case "bmp":
            return data, ()


def _strip_png(data: bytes, limits: Limits) -> tuple[bytes, Collection[str]]:
    chunks = read_chunks(data, limits)
    exif = read_png_exif(data, chunks)
    left = reduce_exif(exif)
    is_reduced = left == exif
    shown: list[PngChunk] = []
    gone: list[PngChunk] = []
    for chunk in chunks:
        is_shown = (
            not chunk.is_ancillary
            or chunk.kind in _PNG_SHOWN
            or (is_reduced and chunk.kind == b"eXIf")
        )
        (shown if is_shown else gone).append(chunk)
    if not gone:
        return data, ()
    stripped = copy_chunks(data, shown)
    if left and not is_reduced:
        head = chunks[0].end
        stripped = stripped[:head] + build_chunk(b"eXIf", left) + stripped[head:]
    return stripped, _name(chunk.kind for chunk in gone)


def _strip_webp(data: bytes, limits: Limits) -> tuple[bytes, Collection[str]]:
    chunks = list(read_riff_chunks(data, limits))
    exif = read_riff_exif(data, chunks)
    left = reduce_exif(exif)
    shown = [chunk for chunk in chunks if chunk.kind in _WEBP_SHOWN]
    gone = [chunk for chunk in chunks if chunk.kind not in _WEBP_SHOWN]
    if not gone or (left == exif and {chunk.kind for chunk in gone} == {b"EXIF"}):
        return data, ()
    parts = [(chunk.kind, chunk.read_body(data)) for chunk in shown]
    return write_riff(parts, left), _name(chunk.kind for chunk in gone)


def _strip_gif(data: bytes, limits: Limits) -> tuple[bytes, Collection[str]]:
    blocks = list(read_blocks(data, limits))
    gone = [
        block
        for block in blocks
        if block.label == _GIF_COMMENT
        or (block.label == _GIF_APPLICATION and not data.startswith(_GIF_SHOWN, block.start + 2))
    ]
    if not gone:
        return data, ()
    parts, position = [], 0
    for block in gone:
        parts.append(data[position : block.start])
        position = block.end
    parts.append(data[position : max(position, blocks[-1].end + 1)])  # up to the trailer
    names = ["comment" if block.label == _GIF_COMMENT else "application" for block in gone]
    return b"".join(parts), names


def _name(kinds: Iterable[bytes]) -> list[str]:
    return [kind.decode("ascii", "replace").strip() for kind in kinds]
