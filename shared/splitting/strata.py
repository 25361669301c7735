"""Gives groups to splits so that each class has its share in every split, as far as they allow."""

import numpy as np
from numpy.typing import NDArray

from shared.splitting.grouping import Grouping
from shared.splitting.images import SplitImages

Indices = NDArray[np.int64]
Splits = NDArray[np.int8]


def stratify_groups(
    images: SplitImages,
    grouping: Grouping,
    splits: Splits,
    new: Indices,
    places: Splits,
    weights: NDArray[np.float64],
) -> Splits:
    """Return the split of each new group, known by its first image.

    Large groups choose first, each the split where its classes come nearest to their shares; those
    of one image fill what is then missing, in the order of their contents. `splits` has what was
    given before, `places` where new groups go that a dataset holds nothing of. Images without a
    label are a class of their own.
    """
    _, classes = np.unique(images.labels, return_inverse=True)
    totals = np.bincount(classes[images.counts], minlength=int(classes.max(initial=0)) + 1)
    targets = weights[:, None] * totals
    held = np.zeros_like(targets)
    given = np.flatnonzero(images.counts & (splits >= 0))
    np.add.at(held, (splits[given], classes[given]), 1)
    members = np.flatnonzero(images.counts)
    order = members[np.argsort(grouping.roots[members], kind="stable")]
    roots = grouping.roots[order]
    begins = np.searchsorted(roots, new)
    sizes = np.searchsorted(roots, new, side="right") - begins
    chosen = places.copy()
    points = images.points[new]
    for group in np.lexsort((points, -sizes))[: int(np.count_nonzero(sizes > 1))]:
        inside = classes[order[begins[group] : begins[group] + sizes[group]]]
        kinds, numbers = np.unique(inside, return_counts=True)
        excess = held[:, kinds] - targets[:, kinds]
        chosen[group] = (numbers * (2 * excess + numbers)).sum(axis=1).argmin()
        held[chosen[group], kinds] += numbers
    single = np.flatnonzero(sizes == 1)
    own = classes[order[begins[single]]]
    by_class = np.lexsort((points[single], own))
    single, own = single[by_class], own[by_class]
    for kind in np.unique(own):
        begin, end = np.searchsorted(own, kind), np.searchsorted(own, kind, side="right")
        chosen[single[begin:end]] = _fill(
            targets[:, kind] - held[:, kind], weights, int(end - begin)
        )
    return chosen


def _fill(missing: NDArray[np.float64], weights: NDArray[np.float64], count: int) -> Splits:
    """Return the splits of so many images in a row, shared out by what each split is missing.

    Each gets its whole part, and those with the largest remainders one more.
    """
    parts = np.maximum(missing, 0) if missing.max() > 0 else weights
    exact = parts * count / parts.sum()
    numbers = np.floor(exact).astype(np.int64)
    rest = count - int(numbers.sum())
    numbers[np.argsort(numbers - exact, kind="stable")[:rest]] += 1
    return np.repeat(np.arange(len(parts), dtype=np.int8), numbers)
