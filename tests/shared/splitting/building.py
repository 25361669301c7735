"""Images to be split, made of numbers."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from shared.splitting.images import SplitImages

BITS = 64


def make_images(
    hashes: Sequence[int] | NDArray[np.uint64],
    *,
    labels: Sequence[int] = (),
    originals: dict[int, int] | None = None,
    keys: dict[str, Sequence[int]] | None = None,
    counts: Sequence[bool] = (),
    halves: NDArray[np.uint64] | None = None,
    seed: int = 1,
) -> SplitImages:
    """Return images numbered from 1 with these hashes and contents by chance.

    Their halves are noise unless their hashes are given, a row for each half.
    """
    count = len(hashes)
    ids = [(number + 1).to_bytes(16, "big") for number in range(count)]
    duplicates = [bytes(16)] * count
    for one, original in (originals or {}).items():
        duplicates[one] = ids[original]
    rng = np.random.default_rng(seed)
    return SplitImages(
        ids=np.array(ids, "S16"),
        originals=np.array(duplicates, "S16"),
        hashes=np.array(hashes, np.uint64),
        has_hash=np.ones(count, bool),
        halves=np.zeros((4, count), np.uint64) if halves is None else halves,
        has_half=np.full((4, count), halves is not None),
        counts=np.array(counts or [True] * count, bool),
        points=rng.integers(1, 2**64, count, dtype=np.uint64),
        labels=np.array(labels or [0] * count, np.int64),
        keys={name: np.array(values, np.int64) for name, values in (keys or {}).items()},
    )


def make_hashes(count: int, seed: int = 1, *, copies: float = 0.3) -> NDArray[np.uint64]:
    """Return hashes, of which a part differ from another in up to four bits; all in any order."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 2**64, count - int(count * copies), dtype=np.uint64)
    near = flip(first[rng.integers(0, len(first), count - len(first))], 4, seed)
    return rng.permutation(np.concatenate((first, near)))


def flip(hashes: NDArray[np.uint64], most: int, seed: int = 1) -> NDArray[np.uint64]:
    """Return hashes with up to so many bits flipped by chance."""
    rng = np.random.default_rng(seed)
    flipped = hashes.copy()
    for _ in range(most):
        flipped ^= np.uint64(1) << rng.integers(0, BITS, len(hashes), dtype=np.uint64)
    return flipped


def find_groups_one_by_one(hashes: Sequence[int], distance: int) -> list[int]:
    """Return the first member of each one's group: every pair is looked at."""
    roots = list(range(len(hashes)))

    def find(one: int) -> int:
        while roots[one] != one:
            one = roots[one]
        return one

    for one, other in combinations(range(len(hashes)), 2):
        if (hashes[one] ^ hashes[other]).bit_count() <= distance:
            low, high = sorted((find(one), find(other)))
            roots[high] = low
    return [find(one) for one in range(len(hashes))]
