"""Files taken apart: what pixels are made of, and what is said about them.

Pillow reads what stands beside the pixels in Python, all of it, and fails where it is broken. What
it is given here has nothing of that kind, so that no file costs more than its pixels do.
"""

from shared.imaging.containers.avif import open_avif
from shared.imaging.containers.bmp import open_bmp
from shared.imaging.containers.gif import open_gif
from shared.imaging.containers.jpeg import open_jpeg
from shared.imaging.containers.parts import ImageParts
from shared.imaging.containers.png import open_png
from shared.imaging.containers.tiff import open_tiff
from shared.imaging.containers.webp import open_webp
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
