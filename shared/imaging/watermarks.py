"""Draw a line of text over a picture."""

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from shared.imaging.variants import Position, Watermark

_HEIGHT = 0.05
_MIN_SIZE = 8
_WIDEST = 0.9


def draw_watermark(image: Image.Image, watermark: Watermark) -> None:
    """Lay white text with a black rim over L, RGB or RGBA pixels, in place.

    The letters are 5 % of the shorter side high, at least 8 pixels, and smaller where the line
    would be wider than 90 % of the picture.
    """
    size = max(_MIN_SIZE, round(_HEIGHT * min(image.size)))
    length = _load_font(size).getlength(watermark.text)
    if length > _WIDEST * image.width:
        size = max(1, int(size * _WIDEST * image.width / length))
    font, rim = _load_font(size), max(1, size // 16)
    left, top, right, bottom = font.getbbox(watermark.text, stroke_width=rim)
    width, height = round(right - left), round(bottom - top)
    corner = _find_corner(watermark.position, image.width - width, image.height - height, size // 2)
    # Only the text's own rectangle is touched: a layer of the picture's size would double it.
    for color, stroke in (("black", rim), ("white", 0)):
        mask = Image.new("L", (width, height))
        ImageDraw.Draw(mask).text(
            (-left, -top),
            watermark.text,
            fill=round(255 * watermark.opacity),
            font=font,
            stroke_width=stroke,
        )
        image.paste(color, (corner[0], corner[1], corner[0] + width, corner[1] + height), mask)


def _find_corner(position: Position, free_x: int, free_y: int, margin: int) -> tuple[int, int]:
    """Return the upper left corner of the text, given the room beside and below it."""
    x = margin if "left" in position else free_x - margin if "right" in position else free_x // 2
    y = margin if "top" in position else free_y - margin if "bottom" in position else free_y // 2
    return x, y


@lru_cache(maxsize=32)
def _load_font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow is built without FreeType")
    return font
