"""Grouping a million images by their hashes for splits, beside a look at every pair of 50,000."""

import resource
import time

import numpy as np
from numpy.typing import NDArray

_MANY = 1_000_000
_FEW = 50_000


def measure() -> None:
    """Print CPU seconds and memory for hashes of which 30 % are near copies of others."""
    from shared.splitting.assignment import NONE, assign_groups
    from shared.splitting.grouping import count_crossings, group_images
    from tests.shared.splitting.building import make_hashes, make_images

    few = make_hashes(_FEW)
    started = time.process_time()
    found = group_images(make_images(few), 8).roots
    seconds = time.process_time() - started
    started = time.process_time()
    same = np.array_equal(found, _group_one_by_one(few, 8))
    verdict = "the same" if same else "DIFFERENT"
    print(
        f"  {_FEW:,} images in {seconds:.1f} s; a look at every pair takes {_since(started):.1f} s"
        f" and finds {verdict} groups"
    )
    images = make_images(make_hashes(_MANY), halves=_make_halves())
    before = _peak()
    started = time.process_time()
    grouping = group_images(images, 8)
    seconds = time.process_time() - started
    print(
        f"  {_MANY:,} images in {len(np.unique(grouping.roots)):,} groups after {seconds:.1f} s,"
        f" {grouping.counts.compared:,} pairs compared; memory {before:.0f} MB before,"
        f" {_peak():.0f} MB at most"
    )
    started = time.process_time()
    earlier = np.full(len(images), NONE, np.int8)
    shares = {"train": 0.8, "validation": 0.1, "test": 0.1}
    splits = assign_groups(images, grouping, shares, earlier, 8, stratified=False).splits
    count_crossings(images, grouping, splits, 8)
    print(f"  assigned, and all pairs that might cross compared, in {_since(started):.1f} s more")


def _make_halves() -> NDArray[np.uint64]:
    """Return a hash for each half, near where the whole is near."""
    from tests.shared.splitting.building import make_hashes

    return np.stack([make_hashes(_MANY, seed, copies=0.3) for seed in (2, 3, 4, 5)])


def _group_one_by_one(hashes: NDArray[np.uint64], distance: int) -> NDArray[np.int64]:
    from shared.splitting.forest import Forest

    forest = Forest(len(hashes))
    for one in range(len(hashes)):
        near = np.flatnonzero(np.bitwise_count(hashes[one + 1 :] ^ hashes[one]) <= distance)
        forest.join(np.full(len(near), one), near + one + 1, 0)
    return forest.find(np.arange(len(hashes)))


def _since(started: float) -> float:
    return time.process_time() - started


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
