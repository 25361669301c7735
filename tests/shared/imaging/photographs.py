"""Real photographs for tests: those that scikit-image installs with itself."""

import io
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

PHOTOGRAPHS = (
    "astronaut.png",
    "camera.png",
    "chelsea.png",
    "coffee.png",
    "coins.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "motorcycle_left.png",
    "rocket.jpg",
)


def read_photograph(name: str) -> bytes:
    """Return the file as scikit-image ships it."""
    spec = find_spec("skimage")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "data" / name).read_bytes()


@cache
def _load(name: str) -> Image.Image:
    image = Image.open(io.BytesIO(read_photograph(name)))
    image.load()
    image.info = {}
    return image


def load_photograph(name: str = "coffee.png") -> Image.Image:
    """Return the pixels of a photograph (L or RGB), without metadata."""
    return _load(name).copy()


def enlarge_photograph(name: str, size: tuple[int, int]) -> Image.Image:
    """Return a photograph stretched to a size, with grain such as a camera would have added."""
    grain = np.random.default_rng(7).normal(0, 5, (size[1], size[0], 1))
    pixels = np.asarray(load_photograph(name).convert("RGB").resize(size, Image.Resampling.BICUBIC))
    return Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))


def encode_image(image: Image.Image, image_format: str = "JPEG", **options: Any) -> bytes:
    """Return the image as Pillow writes it; a PNG quickly."""
    output = io.BytesIO()
    if image_format.upper() == "PNG":
        options.setdefault("compress_level", 1)
    image.save(output, image_format, **options)
    return output.getvalue()


def open_image(data: bytes) -> Image.Image:
    """Return the pixels of an encoded image."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def measure_psnr(a: Image.Image, b: Image.Image) -> float:
    """Return the peak signal-to-noise ratio in decibels."""
    assert a.size == b.size
    assert a.mode == b.mode
    difference = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    return float(10 * np.log10(255**2 / max(float((difference**2).mean()), 1e-9)))
