"""Dominant colours: named as people name them, with the share that they take."""

import numpy as np
import pytest
from PIL import Image

from shared.analyses.palette import find_dominant_colors

# What the CSS colours of the same (or a near) name are called.
NAMED = {
    "black": (0, 0, 0),
    "dark grey": (64, 64, 64),
    "grey": (128, 128, 128),
    "light grey": (200, 200, 200),
    "white": (255, 255, 255),
    "red": (255, 0, 0),
    "dark red": (128, 0, 0),
    "pink": (255, 192, 203),
    "magenta": (255, 0, 255),
    "orange": (255, 130, 20),
    "brown": (139, 90, 43),
    "tan": (210, 180, 140),
    "beige": (245, 245, 220),
    "yellow": (255, 255, 0),
    "gold": (218, 165, 32),
    "olive": (128, 128, 0),
    "lime": (0, 255, 0),
    "green": (34, 139, 34),
    "dark green": (0, 60, 20),
    "teal": (0, 128, 128),
    "turquoise": (64, 224, 208),
    "cyan": (0, 255, 255),
    "sky blue": (135, 206, 235),
    "blue": (0, 0, 255),
    "navy": (0, 0, 128),
    "violet": (138, 100, 226),
    "purple": (128, 0, 128),
}


def name_of(red: int, green: int, blue: int) -> str:
    """Return what a picture of one sRGB colour is said to be."""
    [color] = find_dominant_colors(Image.new("RGB", (8, 8), (red, green, blue)))
    return color.name


@pytest.mark.parametrize("name", NAMED)
def test_names(name: str) -> None:
    assert name_of(*NAMED[name]) == name


@pytest.mark.parametrize("level", range(0, 256, 5))
def test_greys_are_never_called_a_colour(level: int) -> None:
    assert name_of(level, level, level).split()[-1] in {"black", "grey", "white"}


def test_shares_are_those_of_the_picture() -> None:
    pixels = np.zeros((100, 100, 3), dtype=np.uint8)
    pixels[:, :60] = (255, 0, 0)
    pixels[:, 60:90] = (0, 0, 255)
    pixels[:, 90:] = (255, 255, 255)
    red, blue, white = find_dominant_colors(Image.fromarray(pixels))
    assert [one.name for one in (red, blue, white)] == ["red", "blue", "white"]
    assert [one.share for one in (red, blue, white)] == pytest.approx([0.6, 0.3, 0.1], abs=0.02)
    assert (red.hex, blue.hex, white.hex) == ("#ff0000", "#0000ff", "#ffffff")


def test_noise_around_a_colour_is_that_colour() -> None:
    random = np.random.default_rng(1)
    pixels = random.normal((40, 90, 210), 12, (80, 120, 3)).clip(0, 255).astype(np.uint8)
    [only] = find_dominant_colors(Image.fromarray(pixels))
    assert only.name == "blue"
    assert only.share == pytest.approx(1.0, abs=0.03)


def test_at_most_six_and_at_least_one() -> None:
    random = np.random.default_rng(2)
    noise = Image.fromarray(random.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    colors = find_dominant_colors(noise)
    assert 1 <= len(colors) <= 6
    assert colors == sorted(colors, key=lambda color: -color.share)
    assert find_dominant_colors(noise) == colors
    assert len(find_dominant_colors(Image.new("RGB", (1, 1), "teal"))) == 1
