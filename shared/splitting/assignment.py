"""Gives groups of images their splits. What has a split keeps it, whatever comes later.

A new group goes by the content of its first image, or, stratified, to where its classes lack the
most. An image that ties groups of different splits together is left in none of them: so nothing
ever moves, and still no split holds a near copy of another's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.splitting.grouping import Grouping, find_mixed_groups
from shared.splitting.images import SplitImages
from shared.splitting.near_pairs import count_differing_bits
from shared.splitting.strata import stratify_groups

Indices = NDArray[np.int64]
Splits = NDArray[np.int8]

NONE = -1
LARGEST_CONFLICT = 20_000  # images of a group that are placed one by one


@dataclass(frozen=True)
class Assignment:
    """The number of each image's split, in the order of their names, and of its group's size.

    `NONE` stands for images that tie splits together. `sizes` counts, for each image's group, what
    a dataset holds of it as a rule.
    """

    splits: Splits
    sizes: Indices


def assign_groups(
    images: SplitImages,
    grouping: Grouping,
    shares: Mapping[str, float],
    earlier: Splits,
    distance: int,
    *,
    stratified: bool,
) -> Assignment:
    """Return every image's split; `earlier` has those that were given before, else `NONE`."""
    names = sorted(shares)
    weights = np.array([shares[name] for name in names]) / sum(shares[name] for name in names)
    sizes = np.bincount(grouping.roots, weights=images.counts, minlength=len(images))
    splits = _inherit(grouping, earlier)
    places = place_points(images.points, weights)
    for members in find_mixed_groups(grouping, earlier):
        splits[members] = _settle(images, members, earlier[members], places[members], distance)
    # Group by group: each is known by its first image.
    roots = np.flatnonzero(grouping.roots == np.arange(len(images)))
    settled = np.zeros(len(images), bool)
    settled[grouping.roots[earlier != NONE]] = True
    new = roots[~settled[roots]]
    if stratified:
        chosen = stratify_groups(images, grouping, splits, new, places[new], weights)
    else:
        chosen = _choose_by_content(places[new], sizes[new], weights, int(images.counts.sum()))
    by_root = np.full(len(images), NONE, np.int8)
    by_root[new] = chosen
    is_new = ~settled[grouping.roots]
    splits[is_new] = by_root[grouping.roots[is_new]]
    return Assignment(splits, sizes[grouping.roots].astype(np.int64))


def place_points(points: NDArray[np.uint64], weights: NDArray[np.float64]) -> Splits:
    """Return the splits on which points of a line of 2**64 fall, each as long as its weight."""
    ends = np.cumsum(weights)[:-1]
    return np.searchsorted(ends, points / 2.0**64, side="right").astype(np.int8)


def _inherit(grouping: Grouping, earlier: Splits) -> Splits:
    """Return for each image the split that its group has, as far as it has one."""
    inherited = np.full(len(earlier), NONE, np.int8)
    np.maximum.at(inherited, grouping.roots, earlier)
    return inherited[grouping.roots]


def _settle(
    images: SplitImages, members: Indices, earlier: Splits, places: Splits, distance: int
) -> Splits:
    """Place the images of a group of several splits one by one, what has a split first.

    Each takes the split of those that it is tied to; where these are in several, it is in none.
    What is tied to nothing that is placed begins a group of its own.
    """
    if len(members) > LARGEST_CONFLICT:  # only what is in the largest part stays
        most = np.bincount(earlier[earlier != NONE]).argmax()
        return np.where(earlier == most, earlier, NONE).astype(np.int8)
    found = np.full(len(members), NONE, np.int8)
    nearby = np.zeros(len(members), np.int32)  # bits: the splits of what is placed near it
    is_open = np.ones(len(members), bool)
    for own in np.flatnonzero(earlier != NONE).tolist():
        is_open[own] = False
        mask = 1 << int(earlier[own])
        if int(nearby[own]) | mask == mask:
            found[own] = earlier[own]
            nearby[_find_tied(images, members, own, distance)] |= mask
    while is_open.any():
        waiting = np.flatnonzero(is_open)
        touched = waiting[nearby[waiting] > 0]
        one = int(touched[0] if len(touched) else waiting[0])
        is_open[one] = False
        mask = int(nearby[one]) or 1 << int(places[one])
        if mask & mask - 1 == 0:
            found[one] = mask.bit_length() - 1
            nearby[_find_tied(images, members, one, distance)] |= mask
    return found


def _find_tied(images: SplitImages, members: Indices, one: int, distance: int) -> NDArray[np.bool_]:
    """Return which members are tied to one of them."""
    image = members[one]
    tied: NDArray[np.bool_] = images.points[members] == images.points[image]
    for looks in images.list_looks(distance):
        if looks.usable[image]:
            differing = count_differing_bits(looks.hashes[members], looks.hashes[image])
            tied |= (differing <= looks.distance) & looks.usable[members]
    tied |= images.originals[members] == images.ids[image]
    tied |= images.ids[members] == images.originals[image]
    for values in images.keys.values():
        tied |= (values[members] == values[image]) & (values[image] != 0)
    return tied


def _choose_by_content(
    places: Splits, sizes: NDArray[Any], weights: NDArray[np.float64], total: int
) -> Splits:
    """Return each group's split: by its first image, unless it is larger than that split."""
    limits = weights * total
    is_too_large = (sizes > 1) & (sizes > limits[places])
    return np.where(is_too_large, limits.argmax(), places).astype(np.int8)
