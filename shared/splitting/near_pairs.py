"""Finds all pairs of 64-bit hashes that differ in few bits, many at once.

Multi-index hashing: the bits are dealt out to bands. If the bands' radii add up to the distance
minus the number of bands plus one, two hashes within the distance differ in no more bits than its
radius in at least one band (Norouzi, Punjani and Fleet, "Fast search in Hamming space with
multi-index hashing", 2012, section 2.2). So each hash is compared with those alone that lie in a
bucket which few flips of a band lead to. Bands take every n-th bit: neighbouring bits of a
perceptual hash are alike.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.errors import Conflict

Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]

_BITS = 64
_BANDS = range(3, 13)  # of 21 to 5 bits: tables of buckets stay below 17 MB
_SLAB = 2_000_000  # pairs that are compared at a time
_LOOKUP = 4  # what finding a bucket costs, in comparisons
# Comparisons that one search may take: so many, and so many for each hash. A machine does some
# hundred million a second.
MOST, MOST_EACH = 2_000_000_000, 10_000
_LARGEST_SHARE = 4  # of what is left, one flip may take a quarter


@dataclass
class PairCounts:
    """The work of a search: pairs that were compared, and hashes that were joined without.

    Buckets too full to be compared within the limits are handed out as pairs that tie all their
    hashes together. This never separates what belongs together.
    """

    compared: int = 0
    joined: int = 0

    def add(self, other: "PairCounts") -> None:
        """Add the work of another search."""
        self.compared += other.compared
        self.joined += other.joined


@dataclass(frozen=True)
class _Meetings:
    """Places in a band's order, each with the first and the number of those that it meets there."""

    places: Indices
    first: Indices
    number: Indices

    @property
    def total(self) -> int:
        """Number of pairs."""
        return int(self.number.sum())

    def take(self, which: Any) -> "_Meetings":
        """Return some of them."""
        return _Meetings(self.places[which], self.first[which], self.number[which])


class _Band:
    """Hashes in the order of their bits in one band, and where each bucket begins."""

    def __init__(self, hashes: Hashes, number: int, count: int) -> None:
        positions = range(number, _BITS, count) if count > 1 else range(0)
        self.size = len(positions)
        keys = np.zeros(len(hashes), np.int32)
        for place, position in enumerate(positions):
            bit = (hashes >> np.uint64(position)) & np.uint64(1)
            keys |= bit.astype(np.int32) << place
        self.order = np.argsort(keys, kind="stable").astype(np.int32)
        self.keys = keys[self.order]
        self.hashes = hashes[self.order]
        self.starts = np.zeros(2**self.size + 1, np.int32)
        np.cumsum(np.bincount(self.keys, minlength=2**self.size), out=self.starts[1:])

    def find_buckets(self, flips: int) -> _Meetings:
        """Return what each hash meets when these bits of it are flipped.

        Each pair comes once: what has the highest of the flipped bits is not meetings.
        """
        if flips == 0:
            first = np.arange(1, len(self.keys) + 1, dtype=np.int64)
            number = self.starts[self.keys + 1] - first
            places = np.flatnonzero(number > 0)
            return _Meetings(places, first[places], number[places])
        places = np.flatnonzero((self.keys >> (flips.bit_length() - 1)) & 1 == 0)
        bucket = self.keys[places] ^ flips
        first = self.starts[bucket].astype(np.int64)
        number = self.starts[bucket + 1] - first
        found = np.flatnonzero(number)
        return _Meetings(places[found], first[found], number[found])

    def find_indices(self, places: Indices) -> Indices:
        """Return which hashes lie at these places."""
        return self.order[places].astype(np.int64)


def find_near_pairs(
    hashes: Hashes, distance: int, get_labels: Callable[[], Indices], counts: PairCounts
) -> Iterator[tuple[Indices, Indices]]:
    """Yield indices of the pairs of different `hashes` that differ in at most `distance` bits.

    A pair may come several times, or not at all where `get_labels` gives both the same; it is
    called now and then and gives a label for each hash. Memory is bounded by the number of hashes
    (some 100 bytes each). Raises `Conflict` for a distance at which there are too many pairs.
    """
    radii = choose_radii(len(hashes), distance)
    budget = MOST + MOST_EACH * len(hashes)
    bands = [_Band(hashes, number, len(radii)) for number in range(len(radii))]
    for flipped in range(max(radii) + 1):  # the nearest first: they spare others
        for band, radius in zip(bands, radii, strict=True):
            if flipped > radius:
                continue
            for bits in combinations(range(band.size), flipped):
                meetings = band.find_buckets(sum(1 << bit for bit in bits))
                if meetings.total > 2 * len(hashes):
                    meetings = _drop_settled(band, get_labels(), meetings)
                allowed = max(0, budget - counts.compared) // _LARGEST_SHARE
                if meetings.total > allowed:
                    full, meetings = _find_full(meetings, allowed)
                    yield from _join_full(band, full, counts)
                yield from _compare(band, meetings, distance, get_labels, counts)


def choose_radii(count: int, distance: int) -> tuple[int, ...]:
    """Return the radius of each band, with which `count` hashes are compared the least.

    One band of radius 0 stands for comparing all. Raises `Conflict` where that is too much.
    """
    work: dict[tuple[int, ...], int] = {(0,): count * count // 2}
    for bands in _BANDS:
        rest = distance - bands + 1
        if rest >= 0:
            radii = tuple((rest + bands - 1 - band) // bands for band in range(bands))
            work[radii] = sum(
                sum(comb(size, flips) for flips in range(radius + 1))
                * count
                * (_LOOKUP + count // 2**size)
                // 2
                for radius, size in zip(radii, _list_sizes(bands), strict=True)
            )
    if distance < _BANDS[0] - 1:  # equal bands alone find them, and more
        radii = (0,) * _BANDS[0]
        work[radii] = sum(count * (_LOOKUP + count // 2**s) for s in _list_sizes(_BANDS[0])) // 2
    best = min(work, key=lambda radii: work[radii])
    if work[best] > MOST + MOST_EACH * count:
        raise Conflict(
            f"A leak_distance of {distance} is too much for {count} different pictures: strangers "
            "would count as near copies. Choose a smaller one, at most 8 for a million."
        )
    return best


def _list_sizes(bands: int) -> list[int]:
    return [len(range(band, _BITS, bands)) for band in range(bands)]


def _drop_settled(band: _Band, labels: Indices, meetings: _Meetings) -> _Meetings:
    """Return the meetings without those in which all have one label."""
    ordered = labels[band.order]
    changes = np.concatenate(([0], np.cumsum(ordered[1:] != ordered[:-1])))
    first = meetings.first
    is_settled = (changes[first] == changes[first + meetings.number - 1]) & (
        ordered[first] == ordered[meetings.places]
    )
    return meetings.take(~is_settled)


def _find_full(meetings: _Meetings, allowed: int) -> tuple[_Meetings, _Meetings]:
    """Part the largest meetings from as many as can be held with `allowed` comparisons."""
    sizes = np.sort(meetings.number)
    fitting = int(np.searchsorted(np.cumsum(sizes), allowed, side="right"))
    is_full = meetings.number >= sizes[fitting]
    return meetings.take(is_full), meetings.take(~is_full)


def _join_full(
    band: _Band, full: _Meetings, counts: PairCounts
) -> Iterator[tuple[Indices, Indices]]:
    """Yield pairs that tie all that meet together: each with the first, and those in a row."""
    counts.joined += len(full.places)
    yield band.find_indices(full.places), band.find_indices(full.first)
    begin, which = np.unique(full.first, return_index=True)
    inside = np.zeros(len(band.keys) + 1, np.int64)
    np.add.at(inside, begin, 1)
    np.add.at(inside, begin + full.number[which] - 1, -1)
    row = np.flatnonzero(np.cumsum(inside)[:-1] > 0)
    yield band.find_indices(row), band.find_indices(row + 1)


def _compare(
    band: _Band,
    meetings: _Meetings,
    distance: int,
    get_labels: Callable[[], Indices],
    counts: PairCounts,
) -> Iterator[tuple[Indices, Indices]]:
    while len(meetings.places):
        fitting = int(np.searchsorted(np.cumsum(meetings.number), _SLAB, side="right"))
        slab = meetings.take(slice(0, max(1, fitting)))
        meetings = meetings.take(slice(max(1, fitting), None))
        ends = np.cumsum(slab.number)
        counts.compared += slab.total
        left = np.repeat(slab.places, slab.number)
        right = np.arange(slab.total) + np.repeat(slab.first - ends + slab.number, slab.number)
        near = np.flatnonzero(
            count_differing_bits(band.hashes[left], band.hashes[right]) <= distance
        )
        yield band.find_indices(left[near]), band.find_indices(right[near])
        if len(near) > _SLAB // 4:  # a crowd: most of it may hang together by now
            meetings = _drop_settled(band, get_labels(), meetings)


def count_differing_bits(one: Hashes, other: Hashes) -> NDArray[np.uint8]:
    """Return in how many bits hashes differ."""
    return np.asarray(np.bitwise_count(one ^ other), np.uint8)
