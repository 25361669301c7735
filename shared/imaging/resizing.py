"""Give pictures the one size that all images of an export have."""

from dataclasses import dataclass

from PIL import Image

from shared.imaging.decoding import SourceImage
from shared.imaging.encoding import encode_pixels
from shared.imaging.exif import rebuild_exif
from shared.imaging.formats import EXTENSIONS
from shared.imaging.limits import Limits
from shared.imaging.placement import Placement
from shared.imaging.rendering import decode_reduced, resample
from shared.imaging.resize_options import Resize


@dataclass(frozen=True, slots=True)
class Resized:
    """An encoded picture; `box` is the part that is no padding: left, top, width, height.

    All in pixels. `shown_part` is what is left of the original: left, top, right and bottom as
    shares of it. `extension` has no dot.
    """

    data: bytes
    width: int
    height: int
    box: tuple[int, int, int, int]
    shown_part: tuple[float, float, float, float]
    extension: str


def resize_image(
    data: bytes,
    resize: Resize,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    *,
    keep_exif: bool = False,
) -> Resized:
    """Return an image in the size asked for, upright, in sRGB, of an animation the first picture.

    Memory grows with the image's pixels and the size asked for; a JPEG is decoded at 1/2, 1/4 or
    1/8 where that is enough. Metadata is left out, but with `keep_exif` the EXIF block, its
    orientation reset. Raises `ImageRejected`.
    """
    source = SourceImage(data, limits)
    placement = place_picture(resize, source.width, source.height)
    x, y, right, bottom = placement.crop
    picture = resample(source, decode_reduced(source, placement.scale), placement)
    size = (resize.width, resize.height) if resize.mode != "contain" else picture.size
    left, top = (size[0] - picture.width) // 2, (size[1] - picture.height) // 2
    exif = rebuild_exif(source.exif) if keep_exif else b""
    page = _lay(picture, size, (left, top), resize.color)
    return Resized(
        data=encode_pixels(page, resize.format, resize.effective_quality, exif),
        width=page.width,
        height=page.height,
        box=(left, top, picture.width, picture.height),
        shown_part=(
            *(x / source.width, y / source.height),
            *(right / source.width, bottom / source.height),
        ),
        extension=EXTENSIONS[resize.format],
    )


def place_picture(resize: Resize, width: int, height: int) -> Placement:
    """Return which part of `width` × `height` displayed pixels is shown, and its size on the page.

    Parts are cut off evenly.
    """
    box_width, box_height = resize.width, resize.height
    zooms = (box_width / width, box_height / height)
    if not resize.enlarge:
        zooms = (min(1.0, zooms[0]), min(1.0, zooms[1]))
    if resize.mode != "fill":
        zoom = (max if resize.mode == "cover" else min)(zooms)
        zooms = (zoom, zoom)
    shown_width = min(box_width, max(1, round(width * zooms[0])))
    shown_height = min(box_height, max(1, round(height * zooms[1])))
    if resize.mode != "cover":
        return Placement((0.0, 0.0, float(width), float(height)), shown_width, shown_height)
    x = max(0.0, (width - shown_width / zooms[0]) / 2)
    y = max(0.0, (height - shown_height / zooms[1]) / 2)
    return Placement((x, y, width - x, height - y), shown_width, shown_height)


def _lay(
    picture: Image.Image,
    size: tuple[int, int],
    position: tuple[int, int],
    color: tuple[int, int, int, int],
) -> Image.Image:
    """Lay a picture on a page of one colour; the page is RGB, or RGBA if it is transparent."""
    if color[3] < 255:
        page = Image.new("RGBA", size, color)
        page.alpha_composite(picture.convert("RGBA"), position)
        return page
    if picture.size == size and picture.mode != "RGBA":
        return picture.convert("RGB")
    page = Image.new("RGB", size, color[:3])
    mask = picture.getchannel("A") if picture.mode == "RGBA" else None
    page.paste(picture.convert("RGB"), position, mask)
    return page
