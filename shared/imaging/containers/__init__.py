"""Files taken apart: what pixels are made of, and what is said about them.

Pillow reads what stands beside the pixels in Python, all of it, and fails where it is broken. What
it is given here has nothing of that kind, so that no file costs more than its pixels do.
"""

from shared.imaging.containers.avif import hide_refused_items, open_avif
from shared.imaging.containers.bmp import open_bmp
from shared.imaging.containers.gif import open_gif
from shared.imaging.containers.jpeg import drop_refused_segments, open_jpeg
from shared.imaging.containers.parts import ImageParts
from shared.imaging.containers.png import drop_refused_chunks, open_png
from shared.imaging.containers.tiff import neutralize_xmp, open_tiff
from shared.imaging.containers.webp import drop_refused_riff_chunks, open_webp
from shared.imaging.limits import ImageFormat, ImageRejected, Limits


def open_container(data: bytes, found: ImageFormat, limits: Limits) -> ImageParts:
    """Take a file of a known format apart, in time that grows with its size.

    Raises `ImageRejected` with `decode_error` where it has more parts than an encoder writes,
    `too_many_frames` or `too_many_pixels`.
    """
    container = _open(data, found, limits)
    if container.frames > limits.max_frames:
        raise ImageRejected("too_many_frames", f"more than {limits.max_frames} frames")
    return container


def drop_refused_parts(data: bytes, found: ImageFormat, limits: Limits) -> bytes:
    """Return the file without the parts that `open_container` calls refused, losing no pixel.

    They are those for which Pillow refuses the file, or turns the picture and others do not.
    Raises `ImageRejected` as `open_container` does.
    """
    match found:
        case "avif":
            return hide_refused_items(data, limits)
        case "jpeg":
            return drop_refused_segments(data, limits)
        case "png":
            return drop_refused_chunks(data, limits)
        case "tiff":
            return neutralize_xmp(data, limits)
        case "webp":
            return drop_refused_riff_chunks(data, limits)
        case "bmp" | "gif":
            return data


def _open(data: bytes, found: ImageFormat, limits: Limits) -> ImageParts:
    match found:
        case "avif":
            return open_avif(data, limits)
        case "bmp":
            return open_bmp(data)
        case "gif":
            return open_gif(data, limits)
        case "jpeg":
            return open_jpeg(data, limits)
        case "png":
            return open_png(data, limits)
        case "tiff":
            return open_tiff(data, limits)
        case "webp":
            return open_webp(data, limits)
