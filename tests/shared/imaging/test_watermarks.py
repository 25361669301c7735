"""Watermarks appear where they should and touch nothing else."""

import numpy as np
import pytest
from PIL import Image

from shared.imaging.rendering import render
from shared.imaging.variants import Variant, Watermark
from shared.imaging.watermarks import draw_watermark
from tests.shared.imaging.photographs import encode_image, open_image

WIDTH, HEIGHT = 400, 300
PLACES = {
    "top-left": (0.0, 0.0), "top": (0.5, 0.0), "top-right": (1.0, 0.0),
    "left": (0.0, 0.5), "center": (0.5, 0.5), "right": (1.0, 0.5),
    "bottom-left": (0.0, 1.0), "bottom": (0.5, 1.0), "bottom-right": (1.0, 1.0),
}  # fmt: skip


def find_changed_box(mark: Watermark, mode: str = "RGB") -> tuple[int, int, int, int]:
    """Bounding box of the pixels that the watermark touched."""
    grey = Image.new(mode, (WIDTH, HEIGHT), "grey")
    marked = grey.copy()
    draw_watermark(marked, mark)
    assert marked.mode == mode
    difference = np.asarray(marked, dtype=np.int16) - np.asarray(grey, dtype=np.int16)
    rows, columns = np.nonzero(difference.reshape(HEIGHT, WIDTH, -1).any(axis=2))
    return columns.min(), rows.min(), columns.max(), rows.max()


@pytest.mark.parametrize("position", PLACES)
def test_the_text_is_where_it_was_asked_for(position: str) -> None:
    left, top, right, bottom = find_changed_box(
        Watermark.model_validate({"text": "© Pixmill", "position": position})
    )
    across, down = PLACES[position]
    room_x, room_y = WIDTH - (right - left), HEIGHT - (bottom - top)
    assert left == pytest.approx(across * room_x, abs=12)
    assert top == pytest.approx(down * room_y, abs=12)
    assert 5 < bottom - top < 30


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_any_kind_of_pixels_can_be_marked(mode: str) -> None:
    assert find_changed_box(Watermark(text="Ünïcode"), mode)


def test_a_long_text_is_made_to_fit() -> None:
    left, _, right, _ = find_changed_box(Watermark(text="a long line " * 8, position="center"))
    assert left > 0
    assert right < WIDTH - 1


def test_it_reads_on_black_and_on_white() -> None:
    for background, extreme in (("black", 255), ("white", 0)):
        image = Image.new("L", (WIDTH, HEIGHT), background)
        draw_watermark(image, Watermark(text="Pixmill", opacity=1))
        assert image.getextrema() == (0, 255), extreme


def test_opacity_is_how_far_it_covers() -> None:
    image = Image.new("L", (WIDTH, HEIGHT), "black")
    draw_watermark(image, Watermark(text="Pixmill", opacity=0.5))
    assert image.getextrema() == (0, 128)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3)])
def test_the_smallest_pictures_survive(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size)
    draw_watermark(image, Watermark(text="Pixmill"))
    assert image.size == size


def test_a_rendition_carries_it() -> None:
    variant = Variant(name="m", width=300, format="png", watermark=Watermark(text="Pixmill"))
    (rendered,) = render(encode_image(Image.new("RGB", (600, 400), "grey"), "PNG"), [variant])
    assert len(open_image(rendered.data).getcolors(99_999) or ()) > 10
