"""The perceptual hash is the usual one, survives copying, and tells pictures apart."""

from itertools import combinations

import numpy as np
import pytest
import scipy.fft
from PIL import Image, ImageEnhance

from shared.imaging.hashes import compute_phash
from shared.imaging.inspection import inspect
from tests.shared.imaging.distances import measure_distance
from tests.shared.imaging.photographs import PHOTOGRAPHS, encode_image, load_photograph

LANCZOS = Image.Resampling.LANCZOS


def hash_by_definition(image: Image.Image) -> int:
    """The DCT hash written down as its definition reads."""
    gray = np.asarray(image.convert("L").resize((32, 32), LANCZOS), dtype=np.float64)
    transformed = scipy.fft.dct(scipy.fft.dct(gray, axis=0), axis=1)
    low = transformed[:8, :8]
    bits = "".join("1" if value > np.median(low) else "0" for value in low.ravel())
    return int(bits, 2)


def hash_encoded(image: Image.Image, name: str = "PNG", **options: int) -> int:
    return inspect(encode_image(image, name, **options), thumbnail=None).phash


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_it_is_the_hash_of_the_definition(name: str) -> None:
    image = load_photograph(name)
    tiny = np.asarray(image.convert("L").resize((32, 32), LANCZOS))
    assert measure_distance(compute_phash(tiny), hash_by_definition(image)) == 0
    assert measure_distance(hash_encoded(image), hash_by_definition(image)) <= 2


@pytest.mark.parametrize("name", ["camera.png", "chelsea.png", "coffee.png", "rocket.jpg"])
def test_copies_stay_close(name: str) -> None:
    image = load_photograph(name)
    width, height = image.size
    x, y = width // 100, height // 100
    original = hash_encoded(image)
    copies = {
        "recompressed": hash_encoded(image, "JPEG", quality=40),
        "webp": hash_encoded(image, "WEBP", quality=60),
        "half": hash_encoded(image.resize((width // 2, height // 2)), "JPEG"),
        "double": hash_encoded(image.resize((width * 2, height * 2)), "JPEG"),
        "brighter": hash_encoded(ImageEnhance.Brightness(image).enhance(1.15)),
        "flatter": hash_encoded(ImageEnhance.Contrast(image).enhance(0.85)),
        "grey": hash_encoded(image.convert("L")),
    }
    assert {
        what: measure_distance(copy, original) for what, copy in copies.items()
    } == pytest.approx(dict.fromkeys(copies, 0), abs=4)
    cropped = hash_encoded(image.crop((x, y, width - x, height - y)))
    assert measure_distance(cropped, original) <= 8


def test_different_photographs_are_far_apart() -> None:
    hashes = [hash_encoded(load_photograph(name)) for name in PHOTOGRAPHS]
    assert min(measure_distance(a, b) for a, b in combinations(hashes, 2)) >= 18


def test_flat_pictures_hash_alike_and_not_to_noise() -> None:
    flat = {compute_phash(np.full((32, 32), value, dtype=np.uint8)) for value in (1, 100, 255)}
    assert len(flat) == 1


def test_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 x 32"):
        compute_phash(np.zeros((8, 8), dtype=np.uint8))
