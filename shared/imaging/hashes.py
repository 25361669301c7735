"""A 64-bit perceptual hash: near-duplicate pictures differ in few bits.

And what it cannot tell: the same of each half, of which a mark in a corner leaves two as they were,
and how much of each hash is decided by noise.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

SIZE = 32
_LOW = 8
# By how many grey levels saving again moves a frequency, if its basis is of length one: measured
# of JPEG at quality 40 (`docs/decisions/splits.md`).
_NOISE = 0.8
_TENTHS, _MOST = 10, 255

HALVES = ("upper", "lower", "left", "right")
# What `hash_halves` returns, as numpy reads it.
HALVES_LAYOUT = np.dtype([("hashes", ">u8", len(HALVES)), ("flips", "u1", 1 + len(HALVES))])


def compute_phash(gray32: NDArray[np.uint8]) -> int:
    """Hash 32 × 32 grey pixels (0–255) to a signed 64-bit integer, as PostgreSQL's bigint holds it.

    The usual DCT hash (Zauner, "Implementation and Benchmarking of Perceptual Image Hash
    Functions", 2010, as ImageHash computes it): the 8 × 8 lowest frequencies of the
    two-dimensional DCT-II, one bit each for "above their median", row by row, the first is the
    highest bit.
    """
    if gray32.shape != (SIZE, SIZE):
        raise ValueError(f"expected {SIZE} x {SIZE} pixels, got {gray32.shape}")
    return int.from_bytes(_hash(_transform(gray32)), "big", signed=True)


def hash_halves(gray32: NDArray[np.uint8]) -> bytes:
    """Return the same hash of each of `HALVES`, and how much noise decides about them.

    37 bytes (`HALVES_LAYOUT`): four hashes of 8 bytes, then a byte each for the whole picture and
    the halves, of how many tenths of bits saving the picture again is expected to flip. 32 bits
    (of which 25.5 are shown) are those of a picture in which there is nothing.
    """
    middle = SIZE // 2
    halves = (gray32[:middle], gray32[middle:], gray32[:, :middle], gray32[:, middle:])
    transformed = [_transform(part) for part in (gray32, *halves)]
    flips = [
        min(_MOST, round(_TENTHS * _count_flips(low, part.shape)))
        for low, part in zip(transformed, (gray32, *halves), strict=True)
    ]
    return b"".join(map(_hash, transformed[1:])) + bytes(flips)


def _transform(gray: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the 8 × 8 lowest frequencies, in a row."""
    rows, columns = map(_build_basis, gray.shape)
    # Rounded, so that the zeros of a flat or symmetric picture are zeros and not noise.
    return np.round(rows @ gray.astype(np.float64) @ columns.T, 6).ravel()


def _hash(low: NDArray[np.float64]) -> bytes:
    return np.packbits(low > np.median(low)).tobytes()


def _count_flips(low: NDArray[np.float64], shape: tuple[int, ...]) -> float:
    """Return how many bits noise is expected to flip.

    A frequency moves by a normal deviate, and its bit flips where that is more than its distance
    to the median.
    """
    deviations = np.abs(low - np.median(low)) / _measure_noise(shape)
    return sum(math.erfc(one / math.sqrt(2)) for one in deviations.tolist()) / 2


@cache
def _measure_noise(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return by how much each frequency moves, given the lengths of its basis."""
    rows, columns = (np.linalg.norm(_build_basis(size), axis=1) for size in shape)
    return np.asarray(_NOISE * np.outer(rows, columns)).ravel()


@cache
def _build_basis(size: int) -> NDArray[np.float64]:
    """Return rows of the DCT-II: cos(π k (2 i + 1) / 2 N) for the frequencies k < 8."""
    frequencies, positions = np.arange(_LOW)[:, None], np.arange(size)[None, :]
    return np.cos(np.pi * frequencies * (2 * positions + 1) / (2 * size))
