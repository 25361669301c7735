"""The measures separate good photographs from blurred, dark, bright and empty ones."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from shared.imaging.inspection import Inspection, inspect
from shared.imaging.quality import (
    is_grayscale,
    measure_entropy,
    measure_sharpness,
    measure_uniformity,
)
from tests.shared.imaging.photographs import encode_image, load_photograph

SHARP = ("astronaut.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "ihc.png")


def inspect_encoded(image: Image.Image, name: str = "PNG", **options: int) -> Inspection:
    return inspect(encode_image(image, name, **options), thumbnail=None)


@pytest.mark.parametrize("name", SHARP)
def test_blur_lowers_sharpness_below_the_sharp_ones(name: str) -> None:
    """The documented threshold of 100 has a factor of 2 on both sides."""
    image = load_photograph(name)
    blurs = [image.filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 1, 2, 4, 8)]
    measured = [inspect_encoded(blurred).sharpness for blurred in blurs]
    assert all(after < 0.8 * before for before, after in pairwise(measured))
    assert measured[0] > 200
    assert measured[-2] < 50


@pytest.mark.parametrize("name", SHARP)
def test_sharpness_hardly_depends_on_size_and_compression(name: str) -> None:
    """An enlargement holds no more detail, and is not punished for it."""
    image = load_photograph(name)
    width, height = image.size
    large = inspect_encoded(image.resize((4 * width, 4 * height), Image.Resampling.LANCZOS), "JPEG")
    assert large.sharpness == pytest.approx(inspect_encoded(image).sharpness, rel=0.25)
    recompressed = inspect_encoded(image, "JPEG", quality=85)
    assert recompressed.sharpness == pytest.approx(inspect_encoded(image).sharpness, rel=0.25)


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    """One white pixel on black: −4 · 255 there and 255 at its four neighbours, of 9 places."""
    gray = np.zeros((5, 5), dtype=np.uint8)
    gray[2, 2] = 255
    values = np.array([-4 * 255, 255, 255, 255, 255, 0, 0, 0, 0])
    assert measure_sharpness(gray) == pytest.approx(values.var())
    assert measure_sharpness(np.full((9, 9), 77, dtype=np.uint8)) == 0
    assert measure_sharpness(np.zeros((2, 900), dtype=np.uint8)) == 0


@pytest.mark.parametrize("name", SHARP)
def test_dark_and_bright_pictures_are_told_from_normal_ones(name: str) -> None:
    """By CleanVision's limit: dark where the brightest pixels are below 0.32."""
    image = load_photograph(name)
    normal = inspect_encoded(image)
    dark = inspect_encoded(ImageEnhance.Brightness(image).enhance(0.2))
    light = inspect_encoded(image.point(lambda value: 245 + value // 26))
    assert normal.darkness < 0.4 < 0.68 < dark.darkness
    assert dark.brightness < 0.15 < 0.25 < normal.brightness < 0.75 < 0.95 < light.brightness


def test_a_light_in_the_dark_is_not_a_dark_picture() -> None:
    night = Image.new("RGB", (300, 300))
    night.paste("white", (100, 100, 150, 150))
    assert inspect_encoded(night).brightness < 0.05
    assert inspect_encoded(night).darkness == 0


@pytest.mark.parametrize("level", [0, 51, 255])
def test_brightness_is_the_mean_luma(level: int) -> None:
    flat = inspect_encoded(Image.new("L", (50, 50), level))
    assert flat.brightness == pytest.approx(level / 255)
    assert flat.darkness == pytest.approx(1 - level / 255)
    assert inspect_encoded(Image.new("RGB", (50, 50), "lime")).brightness == pytest.approx(
        0.587, abs=0.005
    )


def test_uniformity_separates_blank_pages_from_photographs() -> None:
    noise = np.random.default_rng(3)
    for level in (0, 127, 128, 200, 255):
        page = np.clip(level + noise.normal(0, 2, (200, 200, 3)), 0, 255).astype(np.uint8)
        assert inspect_encoded(Image.fromarray(page), "JPEG", quality=80).uniformity > 0.97, level
    for name in SHARP:
        assert inspect_encoded(load_photograph(name)).uniformity < 0.35, name


def test_uniformity_is_a_share() -> None:
    colors = np.zeros((10, 10, 3), dtype=np.uint8)
    colors[:3] = (200, 10, 90)
    assert measure_uniformity(colors) == pytest.approx(0.7)


def test_entropy_is_that_of_the_histogram() -> None:
    assert measure_entropy(np.array([0, 9, 0])) == 0
    assert measure_entropy(np.array([4, 4, 4, 4])) == pytest.approx(2)


def test_grey_is_judged_by_pixels_and_not_by_the_file() -> None:
    for name in SHARP:
        image = load_photograph(name)
        assert inspect_encoded(image).is_grayscale == (image.mode == "L"), name
        stored_as_colour = inspect_encoded(image.convert("L").convert("RGB"), "JPEG", quality=60)
        assert stored_as_colour.is_grayscale
        assert stored_as_colour.channels == 3
    sepia = np.full((64, 64, 3), (180, 150, 110), dtype=np.uint8)
    assert not is_grayscale(sepia)
