"""Look into the head of a BMP."""

from shared.imaging.containers.parts import ImageParts
from shared.imaging.limits import ImageRejected

# BITMAPINFOHEADER (40 bytes and those after it): width, height, compression; 1 and 2 are run
# lengths of pixels of 8 and 4 bits.
_RUN_LENGTHS = (1, 2)
# Pillow decodes them in Python, at 60 ns for a pixel and 150 ns for a byte.
_MAX_RUN_LENGTHS = 16_000_000


def open_bmp(data: bytes) -> ImageParts:
    """Return a BMP as it is.

    Raises `ImageRejected` with `too_many_pixels` where it is made of run lengths and would take
    seconds.
    """
    if data[14] >= 40 and int.from_bytes(data[30:34], "little") in _RUN_LENGTHS:
        width, height = (int.from_bytes(data[i : i + 4], "little", signed=True) for i in (18, 22))
        if abs(width * height) + len(data) > _MAX_RUN_LENGTHS:
            raise ImageRejected(
                "too_many_pixels",
                f"{abs(width)} x {abs(height)} pixels of run lengths in {len(data)} bytes; at most "
                f"{_MAX_RUN_LENGTHS} of both are accepted",
            )
    return ImageParts(pixels=data)
