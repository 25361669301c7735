"""High dynamic range to sRGB: what is brighter than white is compressed, as browsers do.

The transfer functions are those of ITU-R BT.2100-3. The tone mapping is the reference-white
operator of SMPTE ST 2094-50, annex C: white becomes half of the linear range, and a curve leads
from there to the brightest that the picture can hold. Chromium 156 shows the same within 3 levels.

This module loads numpy, so it is itself loaded with the first picture that needs it.
"""

import math
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.imaging.primaries import BT2020, PRIMARIES, SRGB, build_primaries_matrix
from shared.imaging.profiles import Conversion

Light = NDArray[np.float32]

# ITU-R BT.2408-7 §2.1: luminance of white in cd/m².
_WHITE = 203.0
# cd/m², where the file does not say how bright its brightest pixel is.
_PEAK = 1000.0
# BT.2100-3 table 5: weights of luminance, and the gamma of a display of 1000 cd/m².
_LUMINANCE = np.array((0.2627, 0.6780, 0.0593), np.float32)
_SYSTEM_GAMMA = 1.2
_STRIP_PIXELS = 1_000_000
_STEPS = 16_383


def build_pq_conversion(primaries: int, peak: float) -> Conversion:
    """Return what converts RGB in the perceptual quantizer to sRGB.

    `primaries` is a code point of ITU-T H.273, `peak` the largest luminance in the picture in
    cd/m², 0 where it is unknown.
    """
    return partial(_convert, _decode_pq(), primaries, (peak or _PEAK) / _WHITE, 0.0)


def build_hlg_conversion(primaries: int) -> Conversion:
    """Return what converts RGB in hybrid log-gamma to sRGB, as on a display of 1000 cd/m²."""
    return partial(_convert, _decode_hlg(), primaries, _PEAK / _WHITE, _SYSTEM_GAMMA - 1)


def _convert(
    decode: Light, primaries: int, peak: float, display_gamma: float, image: Image.Image
) -> Image.Image:
    """Convert L, RGB or RGBA pixels, in strips: in between they take 50 bytes each."""
    if image.mode == "L":
        image = image.convert("RGB")
    to_bt2020 = np.array(build_primaries_matrix(PRIMARIES[primaries], BT2020), np.float32).T
    to_srgb = np.array(build_primaries_matrix(BT2020, SRGB), np.float32).T
    encode = _encode_srgb()
    pixels = np.array(image)
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        strip = pixels[top : top + rows, :, :3]
        light = decode[strip] @ to_bt2020
        if display_gamma:
            luminance = np.maximum(light @ _LUMINANCE, 0)[..., None]
            light *= np.float32(peak) * luminance**display_gamma
        brightest = np.maximum(light.max(axis=-1, keepdims=True), np.float32(1e-6))
        light *= _compress(brightest, peak) / brightest
        steps = np.clip(light @ to_srgb, 0, 1) * np.float32(_STEPS)
        strip[...] = encode[np.rint(steps).astype(np.intp)]
    return Image.fromarray(pixels)


def _compress(light: Light, peak: float) -> Light:
    """Apply the tone curve for pictures as bright as `peak`, which is 1 for white.

    Straight up to white, then a quadratic Bézier curve to the peak (ST 2094-50 annex C.3).
    """
    if peak <= 1:
        return np.minimum(light, 1)
    knee = 1 - 0.5 * min(math.log2(peak) / math.log2(_PEAK / _WHITE), 1.0)
    bend = 0.65  # of the way from the knee to where the straight line would reach 1
    middle_x, middle_y = 1 + bend * (1 / knee - 1), knee + bend * (1 - knee)
    a, b = 1 - 2 * middle_x + peak, 2 * (middle_x - 1)
    above = np.clip(light, 1, peak) - 1
    share = 2 * above / (b + np.sqrt(b * b + 4 * a * above))
    curve = (1 - share) ** 2 * knee + 2 * share * (1 - share) * middle_y + share**2
    return np.where(light <= 1, knee * light, curve).astype(np.float32)


@cache
def _decode_pq() -> Light:
    """Return the light of each level, 1 for white (BT.2100-3 table 4)."""
    power = (np.arange(256) / 255) ** (32 / 2523)
    ratio = np.maximum(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)
    return (10_000 / _WHITE * ratio ** (8192 / 1305)).astype(np.float32)


@cache
def _decode_hlg() -> Light:
    """Return the scene light, 0 to 1, of each level (BT.2100-3 table 5)."""
    level = np.arange(256) / 255
    bright = (np.exp((level - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return np.where(level <= 0.5, level * level / 3, bright).astype(np.float32)


@cache
def _encode_srgb() -> NDArray[np.uint8]:
    """Return the sRGB level of each step of light (IEC 61966-2-1)."""
    light = np.arange(_STEPS + 1) / _STEPS
    level = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    levels: NDArray[np.uint8] = np.rint(255 * level).astype(np.uint8)
    return levels
