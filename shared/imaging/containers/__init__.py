"""Files taken apart: what pixels are made of, and what is said about them."""

from shared.imaging.containers.parts import Container
from shared.imaging.containers.png import open_png
from shared.imaging.limits import Format, Limits


def open_container(data: bytes, found: Format, limits: Limits) -> Container:
    """Take a file of a known format apart.

    Raises `ImageRejected` with `decode_error` where it has more parts than `limits.max_parts`.
    """
    match found:
        case "png":
            return open_png(data, limits)
        case "tiff":
            return Container(pixels=data, exif=data)
        case _:
            return Container(pixels=data)
