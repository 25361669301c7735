"""Measures of how a picture is built, on pictures whose measures are known."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shared.analyses.composition import Composition, measure_composition


def measure(pixels: NDArray[np.uint8]) -> Composition:
    return measure_composition(Image.fromarray(pixels))


def blank(value: int = 128, size: tuple[int, int] = (120, 180)) -> NDArray[np.uint8]:
    return np.full((*size, 3), value, dtype=np.uint8)


def test_a_blank_picture() -> None:
    found = measure(blank())
    assert found.sharpness == found.contrast == found.colorfulness == found.entropy == 0
    assert (found.detail_x, found.detail_y, found.centered_detail) == (0.5, 0.5, 0.25)
    assert found.plain_border == found.symmetry == 1.0
    assert found.brightness == pytest.approx(128 / 255)


@pytest.mark.parametrize(("x", "y"), [(0.1, 0.5), (0.9, 0.5), (0.5, 0.1), (0.9, 0.9)])
def test_detail_is_found_where_it_is(x: float, y: float) -> None:
    pixels = blank(size=(200, 200))
    top, left = int(y * 200) - 10, int(x * 200) - 10
    random = np.random.default_rng(0)
    pixels[top : top + 20, left : left + 20] = random.integers(0, 256, (20, 20, 1))
    found = measure(pixels)
    assert [found.detail_x, found.detail_y] == pytest.approx([x, y], abs=0.01)
    assert found.centered_detail < 0.05


def test_a_subject_in_the_middle_on_a_plain_ground() -> None:
    pixels = blank(250, (200, 200))
    random = np.random.default_rng(0)
    pixels[70:130, 70:130] = random.integers(0, 256, (60, 60, 3))
    found = measure(pixels)
    assert found.centered_detail > 0.99
    assert found.plain_border == 1.0


def test_clipping() -> None:
    pixels = blank()
    pixels[:30] = 0
    pixels[-60:] = 255
    found = measure(pixels)
    assert (found.shadows, found.highlights) == (0.25, 0.5)


def test_mirrored_halves_are_symmetric_and_inverted_ones_are_not() -> None:
    random = np.random.default_rng(0)
    half = random.integers(0, 256, (100, 50, 1), dtype=np.uint8).repeat(3, axis=2)
    assert measure(np.concatenate([half, half[:, ::-1]], axis=1)).symmetry == pytest.approx(1)
    assert measure(np.concatenate([half, 255 - half[:, ::-1]], axis=1)).symmetry == 0


def test_colour() -> None:
    warm, cool = blank(), blank()
    warm[..., 0], warm[..., 2] = 200, 100
    cool[..., 0], cool[..., 2] = 100, 200
    assert measure(warm).warmth == pytest.approx(100 / 255) == -measure(cool).warmth
    random = np.random.default_rng(0)
    colors = random.integers(0, 2, (60, 60, 3), dtype=np.uint8) * 255
    grey = colors[..., :1].repeat(3, axis=2)
    assert measure(colors).colorfulness > 109  # "extremely colourful"
    assert measure(grey).colorfulness == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (2, 3)])
def test_the_smallest_pictures(size: tuple[int, int]) -> None:
    found = measure(blank(7, size))
    assert found.sharpness == 0
