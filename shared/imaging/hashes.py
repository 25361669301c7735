"""A 64-bit perceptual hash: near-duplicate pictures differ in few bits."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

SIZE = 32
_LOW = 8


def compute_phash(gray32: NDArray[np.uint8]) -> int:
    """Hash 32 × 32 grey pixels (0–255) to a signed 64-bit integer, as PostgreSQL's bigint holds it.

    The usual DCT hash (Zauner, "Implementation and Benchmarking of Perceptual Image Hash
    Functions", 2010, as ImageHash computes it): the 8 × 8 lowest frequencies of the
    two-dimensional DCT-II, one bit each for "above their median", row by row, the first is the
    highest bit.
    """
    if gray32.shape != (SIZE, SIZE):
        raise ValueError(f"expected {SIZE} x {SIZE} pixels, got {gray32.shape}")
    basis = _build_basis()
    # Rounded, so that the zeros of a flat or symmetric picture are zeros and not noise.
    low = np.round(basis @ gray32.astype(np.float64) @ basis.T, 6).ravel()
    bits = np.packbits(low > np.median(low))
    return int.from_bytes(bits.tobytes(), "big", signed=True)


@cache
def _build_basis() -> NDArray[np.float64]:
    """Return rows of the DCT-II: cos(π k (2 i + 1) / 2 N) for the frequencies k < 8."""
    frequencies, positions = np.arange(_LOW)[:, None], np.arange(SIZE)[None, :]
    return np.cos(np.pi * frequencies * (2 * positions + 1) / (2 * SIZE))
