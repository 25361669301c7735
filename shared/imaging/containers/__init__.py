"""Files taken apart: what pixels are made of, and what is said about them."""

from shared.imaging.containers.jpeg import open_jpeg
from shared.imaging.containers.parts import Container
from shared.imaging.containers.png import open_png
from shared.imaging.limits import Format, Limits


def open_container(data: bytes, found: Format, limits: Limits) -> Container:
    """Take a file of a known format apart.

    Raises `ImageRejected` with `decode_error` where it has more parts than `limits.max_parts`.
    """
    match found:
        case "jpeg":
            return open_jpeg(data, limits)
        case "png":
            return open_png(data, limits)
        case "tiff":
            return Container(pixels=data, exif=data)
        case _:
            return Container(pixels=data)
