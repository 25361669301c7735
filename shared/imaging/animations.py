"""The frames of an animation, apart from what else stands in its file."""

import struct
from typing import NamedTuple

from shared.imaging.containers.avif import open_avif
from shared.imaging.containers.chunks import (
    PngChunk,
    build_png,
    copy_chunks,
    read_chunks,
    walk_chunks,
)
from shared.imaging.containers.gif import copy_pictures
from shared.imaging.limits import ImageFormat, Limits

# W3C PNG, third edition, §11.3.5.2: sequence number, width, height, x and y.
_FRAMES = frozenset((b"IHDR", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"IDAT", b"fdAT", b"IEND"))
_FRAME = struct.Struct(">5I")


class FirstFrame(NamedTuple):
    """A frame as a file of its own, and where it lies on the canvas, in pixels."""

    png: bytes
    x: int
    y: int


def cut_first_frame(data: bytes) -> FirstFrame | None:
    """Return the first frame of an animated PNG whose default picture is not part of it.

    Such a picture stands in for the animation where that is not understood (§4.9), and often says
    so. None where the default picture is the first frame, or no frame lies within the canvas.
    """
    control, parts, ahead = _find_first_frame(data)
    header = ahead.get(b"IHDR", b"")
    if not parts or len(control) < _FRAME.size or len(header) < 13:
        return None
    _, width, height, x, y = _FRAME.unpack_from(control)
    canvas_width, canvas_height = struct.unpack_from(">2I", header)
    if not width or not height or x + width > canvas_width or y + height > canvas_height:
        return None
    chunks = [(b"IHDR", struct.pack(">2I", width, height) + header[8:])]
    chunks += [(kind, ahead[kind]) for kind in (b"PLTE", b"tRNS") if kind in ahead]
    chunks += [(b"IDAT", b"".join(part.read_body(data)[4:] for part in parts)), (b"IEND", b"")]
    return FirstFrame(build_png(chunks), x, y)


def _find_first_frame(data: bytes) -> tuple[bytes, list[PngChunk], dict[bytes, bytes]]:
    """Return the control of a first frame, its data, and by kind the chunks ahead of the pixels.

    Nothing is found where the frame is controlled ahead of the pixels: then it is the default one.
    """
    ahead: dict[bytes, bytes] = {}
    parts: list[PngChunk] = []
    control, is_ahead = b"", True
    for chunk in walk_chunks(data):
        is_ahead = is_ahead and chunk.kind != b"IDAT"
        if is_ahead:
            ahead.setdefault(chunk.kind, chunk.read_body(data))
        elif b"acTL" not in ahead or b"fcTL" in ahead or (control and chunk.kind == b"fcTL"):
            break
        elif chunk.kind == b"fcTL":
            control = chunk.read_body(data)
        elif chunk.kind == b"fdAT" and control:
            parts.append(chunk)
    return control, parts, ahead


def copy_frames(data: bytes, found: ImageFormat, limits: Limits) -> bytes | None:
    """Return an animation of the same frames, without what could cost a decoder time.

    None for a format without animations; the pages of a TIFF are no frames. Raises `ImageRejected`
    where the file has more parts than are accepted.
    """
    match found:
        case "gif":
            return copy_pictures(data, limits)
        case "png":
            chunks = read_chunks(data, limits)
            return copy_chunks(data, [chunk for chunk in chunks if chunk.kind in _FRAMES])
        case "avif":
            return open_avif(data, limits).pixels
        case "webp":
            return data
    return None
