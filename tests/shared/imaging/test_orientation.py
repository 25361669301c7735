"""The orientation that counts, for each place that one can stand in (docs/images.md)."""

import io
import re
from pathlib import Path

import datasets
import pytest
from PIL import Image, ImageOps

from shared.imaging.containers import drop_refused_parts
from shared.imaging.inspection import inspect
from shared.imaging.limits import Limits
from tests.shared.imaging.distances import measure_distance
from tests.shared.imaging.oriented import ORIENTED, PICTURE, find_turn
from tests.shared.imaging.photographs import encode_image, open_image

GUIDE = Path(__file__).parents[3] / "docs" / "images.md"
SIZES = {"no": (96, 64), "clockwise": (64, 96), "counter-clockwise": (64, 96)}


def read_table() -> dict[str, list[str]]:
    """The guide's rows on orientation: where it stands, and how each reader turns the picture."""
    section = GUIDE.read_text().partition("## Orientation")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+) \|$", section, re.MULTILINE)
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    assert cells[0][1:3] == ["Pixmill", "Pillow, `datasets`"]
    return {name: turns for name, *turns in cells[2:]}


TABLE = read_table()


def test_the_guide_names_every_place() -> None:
    assert list(TABLE) == list(ORIENTED)


@pytest.mark.parametrize("name", ORIENTED)
def test_sizes_hashes_and_thumbnails_are_turned_as_the_guide_says(name: str) -> None:
    seen = inspect(ORIENTED[name]())
    turn = TABLE[name][0]
    assert (seen.width, seen.height) == SIZES[turn]
    assert seen.thumbnail is not None
    thumbnail = open_image(seen.thumbnail.data)
    assert find_turn(thumbnail) == turn
    upright = inspect(encode_image(thumbnail.convert("RGB"), "PNG"))
    assert measure_distance(seen.phash, upright.phash) <= 4


@pytest.mark.parametrize("name", ORIENTED)
def test_training_readers_turn_as_the_guide_says(name: str) -> None:
    data = ORIENTED[name]()
    assert find_turn(ImageOps.exif_transpose(Image.open(io.BytesIO(data)))) == TABLE[name][1]
    decoded = datasets.Image().decode_example({"bytes": data, "path": None})
    assert find_turn(decoded) == TABLE[name][1]


@pytest.mark.parametrize("name", ORIENTED)
def test_where_readers_would_turn_otherwise_a_part_can_go(name: str) -> None:
    data = ORIENTED[name]()
    seen = inspect(data)
    assert bool(seen.refused_parts) == (TABLE[name][0] != TABLE[name][1])
    readable = drop_refused_parts(data, seen.format, Limits())
    turned = ImageOps.exif_transpose(Image.open(io.BytesIO(readable)))
    assert find_turn(turned) == TABLE[name][0]
    again = inspect(readable)
    assert again.refused_parts == ()
    assert (again.phash, again.thumbnail) == (seen.phash, seen.thumbnail)
    if not seen.refused_parts:
        assert readable == data


def test_a_wrong_orientation_in_xmp_is_none() -> None:
    for digit in b"019":
        data = ORIENTED["JPEG, XMP only"]().replace(b'Orientation="6"', b'Orientation="%c"' % digit)
        assert inspect(data).refused_parts == ()
    both = ORIENTED["JPEG, EXIF"]()
    xmp = ORIENTED["JPEG, XMP only"]()
    segment = xmp[2 : 4 + int.from_bytes(xmp[4:6])]
    seen = inspect(both[:2] + segment + both[2:])
    assert (seen.width, seen.refused_parts) == (64, ())
    assert PICTURE.size == (96, 64)
