"""Contact sheets: many thumbnails on one page."""

from collections.abc import Sequence

from PIL import Image

from shared.imaging.colors import flatten
from shared.imaging.decoding import SourceImage
from shared.imaging.encoding import encode_pixels
from shared.imaging.limits import MAX_PIXELS, Limits
from shared.imaging.placement import compute_placement
from shared.imaging.rendering import decode_reduced, resample
from shared.imaging.variants import Variant

_GAP = 4


def make_contact_sheet(thumbnails: Sequence[bytes], columns: int = 8, cell: int = 160) -> bytes:
    """Lay encoded images out row by row on white, each centred in a square cell; return a JPEG.

    `cell` is in pixels, with 4 more between cells. Raises `ImageRejected` for an image that cannot
    be read, and `ValueError` for no images or a sheet above `MAX_PIXELS`.
    """
    if not thumbnails or columns < 1:
        raise ValueError("a contact sheet needs images and columns")
    columns = min(columns, len(thumbnails))
    pitch = cell + _GAP
    size = (columns * pitch + _GAP, -(-len(thumbnails) // columns) * pitch + _GAP)
    if size[0] * size[1] > MAX_PIXELS:
        raise ValueError(f"{len(thumbnails)} cells of {cell} pixels make too large a sheet")
    box = Variant(name="cell", width=cell, height=cell)
    sheet = Image.new("RGB", size, "white")
    for index, data in enumerate(thumbnails):
        source = SourceImage(data, Limits())
        placement = compute_placement(box, source.width, source.height)
        image = flatten(resample(source, decode_reduced(source, placement.scale), placement))
        row, column = divmod(index, columns)
        sheet.paste(
            image,
            (
                _GAP + column * pitch + (cell - image.width) // 2,
                _GAP + row * pitch + (cell - image.height) // 2,
            ),
        )
    return encode_pixels(sheet, "jpeg", quality=85)
