"""Measures of a picture's composition: exposure, contrast, colour, and where its detail lies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.imaging.quality import measure_entropy, measure_sharpness, measure_uniformity

SIDE = 256  # pixels of the longer side that everything is measured on
_BORDER = 0.08  # width of the frame, as a share of the shorter side
_SHADOW, _HIGHLIGHT = 3, 252  # luma at and beyond which detail is lost


@dataclass(frozen=True)
class Composition:
    """Measures of a picture; shares, positions and symmetry run from 0 to 1.

    `contrast` is the standard deviation of luma (0–0.5), `brightness` its mean, `shadows` and
    `highlights` the shares of pixels that are clipped; `colorfulness` is Hasler and Süsstrunk's
    (0 grey, 33 moderate, 59 quite, 109 extremely colourful), `warmth` mean red minus mean blue
    (−1 to 1); `detail_x` and `detail_y` are the centre of gravity of the edges from the top left,
    `centered_detail` their share in the middle quarter of the area; `plain_border` is the share of
    the frame that has one colour, `symmetry` the correlation with the mirrored picture.
    """

    sharpness: float
    brightness: float
    contrast: float
    shadows: float
    highlights: float
    entropy: float
    colorfulness: float
    warmth: float
    detail_x: float
    detail_y: float
    centered_detail: float
    plain_border: float
    symmetry: float


def measure_composition(picture: Image.Image) -> Composition:
    """Measure an RGB picture of at most `SIDE` pixels."""
    gray = np.asarray(picture.convert("L"))
    colors = np.asarray(picture)
    detail_x, detail_y, centered = _measure_detail(gray)
    counts = np.bincount(gray.ravel(), minlength=256)
    return Composition(
        sharpness=measure_sharpness(gray),
        brightness=float(gray.mean() / 255),
        contrast=float(gray.std() / 255),
        shadows=float((gray <= _SHADOW).mean()),
        highlights=float((gray >= _HIGHLIGHT).mean()),
        entropy=measure_entropy(counts),
        colorfulness=_measure_colorfulness(colors),
        warmth=float((colors[..., 0].mean() - colors[..., 2].mean()) / 255),
        detail_x=detail_x,
        detail_y=detail_y,
        centered_detail=centered,
        plain_border=measure_uniformity(_select_border(colors)),
        symmetry=_measure_symmetry(gray),
    )


def _measure_colorfulness(colors: NDArray[np.uint8]) -> float:
    """Follow D. Hasler and S. Süsstrunk, "Measuring colourfulness in natural images", 2003."""
    red, green, blue = colors.astype(np.float32).reshape(-1, 3).T
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    deviation = np.hypot(red_green.std(), yellow_blue.std())
    mean = np.hypot(red_green.mean(), yellow_blue.mean())
    return float(deviation + 0.3 * mean)


def _measure_detail(gray: NDArray[np.uint8]) -> tuple[float, float, float]:
    """Return the edges' centre of gravity, and their share in the middle quarter of the area."""
    values = gray.astype(np.float32)
    edges = np.zeros_like(values)
    edges[:, 1:] += np.abs(np.diff(values, axis=1))
    edges[1:, :] += np.abs(np.diff(values, axis=0))
    total = float(edges.sum())
    if total == 0:
        return 0.5, 0.5, 0.25
    height, width = edges.shape
    x = float(edges.sum(axis=0) @ (np.arange(width) + 0.5)) / (total * width)
    y = float(edges.sum(axis=1) @ (np.arange(height) + 0.5)) / (total * height)
    middle = edges[height // 4 : height - height // 4, width // 4 : width - width // 4]
    return x, y, float(middle.sum()) / total


def _select_border(colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the pixels along the border, as a picture of one row."""
    height, width, _ = colors.shape
    border = max(1, round(min(height, width) * _BORDER))
    inside = np.ones((height, width), dtype=bool)
    inside[border : height - border, border : width - border] = False
    return colors[inside][None]


def _measure_symmetry(gray: NDArray[np.uint8]) -> float:
    """Return the correlation of the picture with its mirror image; 1 for a blank one."""
    values = gray.astype(np.float64)
    values -= values.mean()
    power = float((values**2).sum())
    if power == 0:
        return 1.0
    return max(0.0, float((values * values[:, ::-1]).sum()) / power)
