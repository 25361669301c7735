"""Contact sheets hold every picture in its cell."""

import pytest
from PIL import Image

from shared.imaging.limits import ImageRejected
from shared.imaging.sheets import make_contact_sheet
from tests.shared.imaging.photographs import encode_image, open_image

COLORS = ("red", "lime", "blue", "black", "yellow")


def test_pictures_lie_row_by_row_in_the_middle_of_their_cells() -> None:
    pictures = [encode_image(Image.new("RGB", (80, 40), color), "WEBP") for color in COLORS]
    sheet = open_image(make_contact_sheet(pictures, columns=3, cell=50))
    assert sheet.format == "JPEG"
    assert sheet.size == (3 * 54 + 4, 2 * 54 + 4)
    for index, color in enumerate(COLORS):
        centre = (4 + 54 * (index % 3) + 25, 4 + 54 * (index // 3) + 25)
        expected = Image.new("RGB", (1, 1), color).getpixel((0, 0))
        assert sheet.getpixel(centre) == pytest.approx(expected, abs=12), color
        above = sheet.getpixel((centre[0], centre[1] - 20))
        assert above == pytest.approx((255, 255, 255), abs=12)


def test_transparency_and_few_pictures() -> None:
    sheet = open_image(
        make_contact_sheet([encode_image(Image.new("RGBA", (20, 20)), "PNG")], cell=30)
    )
    assert sheet.size == (38, 38)
    assert sheet.getpixel((19, 19)) == (255, 255, 255)


def test_what_makes_no_sheet_is_refused() -> None:
    with pytest.raises(ValueError, match="needs images"):
        make_contact_sheet([])
    with pytest.raises(ValueError, match="too large"):
        make_contact_sheet([b""] * 10_000, cell=1000)
    with pytest.raises(ImageRejected):
        make_contact_sheet([b"<html>"])
