"""Groups images that must not be separated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.splitting.forest import Forest
from shared.splitting.images import Looks, SplitImages
from shared.splitting.near_pairs import PairCounts, count_differing_bits, find_near_pairs

Indices = NDArray[np.int64]

# Why two images are together, by the kind of a tie; what is grouped by follows.
BY_LOOKS, BY_CONTENT, BY_ORIGINAL = "near copies", "the same content", "duplicate and original"
BY_HALF = "near copies in one half"
REASONS = (BY_LOOKS, BY_CONTENT, BY_ORIGINAL, BY_HALF)


@dataclass(frozen=True)
class Grouping:
    """The groups of images: `roots` has for each image the first image of its group.

    `ties` are columns of two images and the kind of what they share (by its place in `reasons`):
    with them alone each group hangs together. `distinct` hashes of whole pictures, and those of
    their halves, are `pairs` that were compared as `counts` says.
    """

    roots: Indices
    ties: NDArray[np.int32]
    reasons: tuple[str, ...]
    distinct: int
    pairs: int
    counts: PairCounts


def group_images(images: SplitImages, distance: int) -> Grouping:
    """Group images that look alike within `distance` bits, and what else is together.

    That is: equal contents, duplicates with their originals, and equal keys. Whoever is tied to one
    image of a group is in it, however far from the others. Raises `Conflict` for a distance at
    which there are too many pairs.
    """
    forest = Forest(len(images))
    _join_equal(forest, images.points.view(np.int64), 1)
    copies, originals = _find_copies(images)
    forest.join(copies, originals, 2)
    for kind, values in enumerate(images.keys.values(), len(REASONS)):
        _join_equal(forest, values, kind)
    counts, distinct = PairCounts(), []
    for number, looks in enumerate(images.list_looks(distance)):
        distinct.append(_join_looks(forest, looks, 0 if number == 0 else 3, counts))
    return Grouping(
        roots=forest.find(np.arange(len(images))),
        ties=forest.ties,
        reasons=(*REASONS, *images.keys),
        distinct=distinct[0],
        pairs=sum(count * (count - 1) // 2 for count in distinct),
        counts=counts,
    )


def _find_copies(images: SplitImages) -> tuple[Indices, Indices]:
    """Return which images are duplicates of which others."""
    places = np.searchsorted(images.ids, images.originals)
    places[places == len(images)] = 0
    copies = np.flatnonzero(images.ids[places] == images.originals) if len(images) else places
    return copies, places[copies]


def _join_looks(forest: Forest, looks: Looks, kind: int, counts: PairCounts) -> int:
    """Join what is near in one of its looks; return the number of different hashes."""
    hashed = np.flatnonzero(looks.usable)
    hashes, first, which = np.unique(looks.hashes[hashed], return_index=True, return_inverse=True)
    owners = hashed[first]
    forest.join(hashed, owners[which], kind)
    own = PairCounts()
    near = find_near_pairs(hashes, looks.distance, lambda: forest.find(owners), own)
    for left, right in near:
        forest.join(owners[left], owners[right], kind)
    counts.add(own)
    return len(hashes)


def _join_equal(forest: Forest, values: NDArray[np.int64], kind: int) -> None:
    """Join images that have the same value; 0 is none."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    equal = np.flatnonzero((ordered[1:] == ordered[:-1]) & (ordered[1:] != 0))
    forest.join(order[equal], order[equal + 1], kind)


def count_crossings(
    images: SplitImages, grouping: Grouping, splits: NDArray[np.int8], distance: int
) -> PairCounts:
    """Compare all images of different splits; raise `CrossingError` when two are too near.

    `splits` has a number for each image, -1 for those that are in none. Where a bucket is too full
    to be compared, each pair in it is still accounted for: `grouping` compared those of different
    groups, or joined their groups, and those of one group are compared here one by one.
    """
    placed = np.flatnonzero(splits >= 0)
    checks = [images.points.view(np.int64), *images.keys.values()]
    for values in checks:
        _check_equal(values[placed], splits[placed])
    counts = PairCounts()
    for looks in images.list_looks(distance):
        counts.add(_compare_looks(looks, grouping, splits, placed))
    copies, originals = _find_copies(images)
    of_copies, of_originals = splits[copies], splits[originals]
    if np.any((of_copies != of_originals) & (of_copies >= 0) & (of_originals >= 0)):
        raise CrossingError
    return counts


def _compare_looks(
    looks: Looks, grouping: Grouping, splits: NDArray[np.int8], placed: Indices
) -> PairCounts:
    hashed = placed[looks.usable[placed]]
    _check_equal(looks.hashes[hashed].view(np.int64), splits[hashed], none_is_zero=False)
    hashes, first = np.unique(looks.hashes[hashed], return_index=True)
    labels = splits[hashed[first]].astype(np.int64)
    counts = PairCounts()
    for left, right in find_near_pairs(hashes, looks.distance, lambda: labels, counts):
        apart = np.flatnonzero(labels[left] != labels[right])
        one, other = hashes[left[apart]], hashes[right[apart]]
        if np.any(count_differing_bits(one, other) <= looks.distance):
            raise CrossingError
    if counts.joined:
        for members in find_mixed_groups(grouping, splits):
            counts.compared += _compare_members(looks, members, splits[members])
    return counts


def find_mixed_groups(grouping: Grouping, splits: NDArray[np.int8]) -> list[Indices]:
    """Return the members of each group that has images of several splits; -1 is none."""
    assigned = np.flatnonzero(splits >= 0)
    lowest = np.full(len(splits), 127, np.int8)
    highest = np.full(len(splits), -1, np.int8)
    np.minimum.at(lowest, grouping.roots[assigned], splits[assigned])
    np.maximum.at(highest, grouping.roots[assigned], splits[assigned])
    mixed = np.flatnonzero((lowest != highest) & (highest >= 0))
    if not len(mixed):
        return []
    order = np.argsort(grouping.roots, kind="stable")
    ordered = grouping.roots[order]
    begins, ends = np.searchsorted(ordered, mixed), np.searchsorted(ordered, mixed, side="right")
    return [order[begin:end] for begin, end in zip(begins, ends, strict=True)]


def _compare_members(looks: Looks, members: Indices, splits: NDArray[np.int8]) -> int:
    """Compare all pairs of a group that are in different splits; return their number."""
    compared = 0
    is_placed = (splits >= 0) & looks.usable[members]
    hashes, splits = looks.hashes[members[is_placed]], splits[is_placed]
    for split in np.unique(splits).tolist():
        others = hashes[splits > split]  # each pair once
        for one in hashes[splits == split]:
            if np.any(count_differing_bits(others, one) <= looks.distance):
                raise CrossingError
            compared += len(others)
    return compared


class CrossingError(RuntimeError):
    """Near copies are in different splits, which must never be."""


def _check_equal(
    values: NDArray[np.int64], splits: NDArray[np.int8], *, none_is_zero: bool = True
) -> None:
    order = np.argsort(values, kind="stable")
    values, splits = values[order], splits[order]
    same = values[1:] == values[:-1]
    if none_is_zero:
        same &= values[1:] != 0
    if np.any(same & (splits[1:] != splits[:-1])):
        raise CrossingError
