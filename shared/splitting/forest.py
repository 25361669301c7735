"""Disjoint sets of numbered things, joined many pairs at a time."""

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


class Forest:
    """Sets of the numbers below `count`, at first each of its own; a set's root is its smallest.

    `ties` are the pairs that joined two sets, each with the `kind` that it came under: the edges of
    a tree for each set.
    """

    def __init__(self, count: int) -> None:
        self._parents = np.arange(count, dtype=np.int32)
        self._ties: list[NDArray[np.int32]] = []

    def join(self, left: Indices, right: Indices, kind: int) -> None:
        """Join the sets of each pair."""
        one, other = self.find(left), self.find(right)
        apart = np.flatnonzero(one != other)
        if not len(apart):
            return
        roots, places = np.unique(np.concatenate((one[apart], other[apart])), return_inverse=True)
        one, other = places[: len(apart)], places[len(apart) :]
        parents, used = _connect(len(roots), one, other)
        self._parents[roots] = roots[parents]
        chosen = apart[used]
        kinds = np.full(len(chosen), kind)
        self._ties.append(np.stack((left[chosen], right[chosen], kinds)).astype(np.int32))

    def find(self, members: Indices) -> Indices:
        """Return the roots of the sets that these are in."""
        roots = self._parents[members]
        while True:
            above = self._parents[roots]
            if np.array_equal(above, roots):
                break
            roots = above
        self._parents[members] = roots
        return roots.astype(np.int64)

    @property
    def ties(self) -> NDArray[np.int32]:
        """Columns of left, right and kind."""
        return np.concatenate([np.zeros((3, 0), np.int32), *self._ties], axis=1)


def _connect(count: int, one: Indices, other: Indices) -> tuple[Indices, Indices]:
    """Return the smallest number that each one is connected to, and the pairs that it took.

    In each round every root that has a smaller neighbour is hung below its smallest, so that at
    least half of those that have neighbours are roots no more.
    """
    parents = np.arange(count, dtype=np.int64)
    pairs = np.arange(len(one))
    used = []
    while len(pairs):
        high, low = np.maximum(one, other), np.minimum(one, other)
        order = np.argsort(-low, kind="stable")  # of several, the last one is written
        taken = np.zeros(count, np.int64)
        parents[high[order]] = low[order]
        taken[high[order]] = pairs[order]
        used.append(taken[np.unique(high)])
        while not np.array_equal(above := parents[parents], parents):
            parents = above
        one, other = parents[one], parents[other]
        apart = one != other
        one, other, pairs = one[apart], other[apart], pairs[apart]
    return parents, np.concatenate(used)
