"""The perceptual hash is the usual one, survives copying, and tells pictures apart."""

from itertools import combinations

import numpy as np
import pytest
import scipy.fft
from PIL import Image, ImageEnhance

from shared.imaging.hashes import phash
from shared.imaging.inspection import inspect
from tests.shared.imaging.distances import hamming
from tests.shared.imaging.photographs import PHOTOGRAPHS, encoded, photograph

LANCZOS = Image.Resampling.LANCZOS


def by_definition(image: Image.Image) -> int:
    """The DCT hash written down as its definition reads."""
    gray = np.asarray(image.convert("L").resize((32, 32), LANCZOS), dtype=np.float64)
    transformed = scipy.fft.dct(scipy.fft.dct(gray, axis=0), axis=1)
    low = transformed[:8, :8]
    bits = "".join("1" if value > np.median(low) else "0" for value in low.ravel())
    return int(bits, 2)


def inspected(image: Image.Image, name: str = "PNG", **options: int) -> int:
    return inspect(encoded(image, name, **options), thumbnail=None).phash


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_it_is_the_hash_of_the_definition(name: str) -> None:
    image = photograph(name)
    tiny = np.asarray(image.convert("L").resize((32, 32), LANCZOS))
    assert hamming(phash(tiny), by_definition(image)) == 0
    assert hamming(inspected(image), by_definition(image)) <= 2


@pytest.mark.parametrize("name", ["camera.png", "chelsea.png", "coffee.png", "rocket.jpg"])
def test_copies_stay_close(name: str) -> None:
    image = photograph(name)
    width, height = image.size
    x, y = width // 100, height // 100
    original = inspected(image)
    copies = {
        "recompressed": inspected(image, "JPEG", quality=40),
        "webp": inspected(image, "WEBP", quality=60),
        "half": inspected(image.resize((width // 2, height // 2)), "JPEG"),
        "double": inspected(image.resize((width * 2, height * 2)), "JPEG"),
        "brighter": inspected(ImageEnhance.Brightness(image).enhance(1.15)),
        "flatter": inspected(ImageEnhance.Contrast(image).enhance(0.85)),
        "grey": inspected(image.convert("L")),
    }
    assert {what: hamming(copy, original) for what, copy in copies.items()} == pytest.approx(
        dict.fromkeys(copies, 0), abs=4
    )
    cropped = inspected(image.crop((x, y, width - x, height - y)))
    assert hamming(cropped, original) <= 8


def test_different_photographs_are_far_apart() -> None:
    hashes = [inspected(photograph(name)) for name in PHOTOGRAPHS]
    assert min(hamming(a, b) for a, b in combinations(hashes, 2)) >= 18


def test_flat_pictures_hash_alike_and_not_to_noise() -> None:
    flat = {phash(np.full((32, 32), value, dtype=np.uint8)) for value in (1, 100, 255)}
    assert len(flat) == 1


def test_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 x 32"):
        phash(np.zeros((8, 8), dtype=np.uint8))
