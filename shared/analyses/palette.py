"""The dominant colours of a picture, under names that people use."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SIDE = 64  # pixels: enough to see every colour that takes a hundredth of the picture
_CLUSTERS = 12
_ROUNDS = 6  # of k-means; the octree's colours to begin with are near the end already
_LEAST = 0.02  # share of the picture that a colour takes to be dominant
_MOST = 6

_GRAY_CHROMA = 0.028  # OKLab chroma up to which the eye sees no hue
_LIGHTNESS_WEIGHT = 0.6  # against hue and chroma: a dark red is rather a red than a dark brown

# Anchors in sRGB: the eleven basic terms of Berlin and Kay (1969), and what lies between them.
_GRAYS = {
    "black": 0x060606,
    "dark grey": 0x404040,
    "grey": 0x808080,
    "light grey": 0xBEBEBE,
    "white": 0xFAFAFA,
}
_HUES = {
    "red": 0xD8201E,
    "dark red": 0x701414,
    "pink": 0xF4A8BC,
    "magenta": 0xD0209C,
    "orange": 0xF08022,
    "peach": 0xF6C8A2,
    "brown": 0x82522C,
    "dark brown": 0x402A18,
    "tan": 0xC2A27C,
    "beige": 0xEDE3C8,
    "yellow": 0xF2E22A,
    "gold": 0xCCA02A,
    "olive": 0x77782A,
    "lime": 0x7CFC14,
    "light green": 0xA6DCA4,
    "green": 0x2A9A38,
    "dark green": 0x1A4422,
    "teal": 0x148080,
    "turquoise": 0x42D2C2,
    "cyan": 0x10F0F8,
    "sky blue": 0x8EC6F0,
    "blue": 0x2454D4,
    "navy": 0x141E68,
    "slate": 0x647A92,
    "violet": 0x8E62DC,
    "purple": 0x6C208C,
    "lavender": 0xC8B4E6,
}


@dataclass(frozen=True)
class Color:
    """A colour by name and value (``#rrggbb``), and its share of the picture from 0 to 1."""

    name: str
    hex: str
    share: float


def find_dominant_colors(picture: Image.Image) -> list[Color]:
    """Return at most six colours of an RGB picture, the commonest first; repeatable.

    Clusters that bear one name are one colour: their mean, weighted by their size.
    """
    sample = picture.copy()
    sample.thumbnail((_SIDE, _SIDE), Image.Resampling.NEAREST)
    values, weights = _find_clusters(sample)
    names = _name_nearest(values)
    colors = []
    for name in np.unique(names):
        same = names == name
        mean = np.average(values[same], axis=0, weights=weights[same]).round().astype(int)
        share = float(weights[same].sum() / weights.sum())
        colors.append(Color(str(name), "#{:02x}{:02x}{:02x}".format(*mean), round(share, 3)))
    colors.sort(key=lambda color: (-color.share, color.name))
    return [color for color in colors if color.share >= _LEAST][:_MOST] or colors[:1]


def _find_clusters(sample: Image.Image) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the mean sRGB colours of k-means clusters in OKLab, and their numbers of pixels."""
    start = sample.quantize(_CLUSTERS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    pixels = np.asarray(sample).reshape(-1, 3).astype(np.float64)
    points = _to_oklab(pixels)
    owner = np.asarray(start).ravel().astype(np.intp)
    for _ in range(_ROUNDS):
        counts = np.bincount(owner, minlength=_CLUSTERS)
        centers = _average_clusters(points, owner, counts)[counts > 0]
        # Squared distances, without the term that is the same for every centre.
        owner = ((centers**2).sum(axis=1) - 2 * points @ centers.T).argmin(axis=1)
    counts = np.bincount(owner, minlength=_CLUSTERS)
    used = counts > 0
    return _average_clusters(pixels, owner, counts)[used], counts[used]


def _average_clusters(
    points: NDArray[np.float64], owner: NDArray[np.intp], counts: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the mean of each cluster's points; meaningless where it has none."""
    sums = [np.bincount(owner, weights=axis, minlength=_CLUSTERS) for axis in points.T]
    means: NDArray[np.float64] = np.stack(sums, axis=1) / np.maximum(counts, 1)[:, None]
    return means


def _name_nearest(values: NDArray[np.float64]) -> NDArray[np.str_]:
    """Return the names of sRGB colours (rows of three): those of the nearest anchors in OKLab.

    What has hardly any chroma is a grey, however close a colour of the same lightness may be.
    """
    given = _to_oklab(values)
    is_gray = np.hypot(given[:, 1], given[:, 2]) <= _GRAY_CHROMA
    weights = (_LIGHTNESS_WEIGHT, 1, 1)
    names = []
    for anchors in (_GRAYS, _HUES):
        codes = np.array([[code >> 16, code >> 8 & 255, code & 255] for code in anchors.values()])
        apart = np.linalg.norm((given[:, None] - _to_oklab(codes)[None]) * weights, axis=2)
        names.append(np.array(list(anchors))[apart.argmin(axis=1)])
    named: NDArray[np.str_] = np.where(is_gray, *names)
    return named


def _to_oklab(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert sRGB (0–255) to OKLab, where equal distances look equal (B. Ottosson, 2020)."""
    channels = values / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt(linear @ _TO_CONES.T)
    lab: NDArray[np.float64] = cones @ _TO_LAB.T
    return lab


_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
