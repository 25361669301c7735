"""Write pixels as JPEG, PNG, WebP or AVIF, at the settings that cost least for their size."""

import io
from typing import Any

from PIL import Image

from shared.imaging.variants import VariantFormat


def encode_pixels(
    image: Image.Image, image_format: VariantFormat, quality: int, exif: bytes = b""
) -> bytes:
    """Encode L, RGB or RGBA pixels (JPEG: L or RGB) with no metadata but `exif`.

    Measured on 1024 pixels: WebP method 2 costs half of method 4 and is 3 % larger, AVIF speed 10
    costs what WebP method 2 does and is a third smaller, a progressive or optimised JPEG costs six
    times as much for 5 %, PNG level 3 costs half of level 6 for 3 %.
    """
    options: dict[str, Any]
    match image_format:
        case "jpeg":
            options = {"quality": quality}
        case "png":
            options = {"compress_level": 3}
        case "webp":
            options = {"quality": quality, "method": 2}
        case "avif":
            options = {"quality": quality, "speed": 10, "max_threads": 1}
    if exif:
        options["exif"] = exif
    output = io.BytesIO()
    image.save(output, image_format, **options)
    return output.getvalue()
