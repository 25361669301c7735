"""Images that must not be separated are one group."""

import numpy as np
import pytest

from shared.splitting.grouping import (
    BY_HALF,
    REASONS,
    CrossingError,
    Grouping,
    count_crossings,
    group_images,
)
from shared.splitting.near_pairs import PairCounts
from tests.shared.splitting.building import find_groups_one_by_one, make_hashes, make_images


@pytest.mark.parametrize("distance", [0, 4, 8, 12, 16])
def test_groups_are_those_of_a_look_at_every_pair(distance: int) -> None:
    hashes = make_hashes(600, seed=distance)
    found = group_images(make_images(hashes), distance).roots
    assert found.tolist() == find_groups_one_by_one(hashes.tolist(), distance)


def test_chains_are_one_group() -> None:
    hashes = [0, 0xFF, 0xFFFF, 0xFFFFFF, 2**63 - 1]
    assert group_images(make_images(hashes), 8).roots.tolist() == [0, 0, 0, 0, 4]
    assert group_images(make_images(hashes), 7).roots.tolist() == [0, 1, 2, 3, 4]


def test_a_duplicate_is_with_its_original_whatever_it_looks_like() -> None:
    """And what looks like the duplicate alone is with both."""
    hashes = [0, 2**64 - 1, 2**64 - 2, 0x0F0F0F0F0F0F0F0F]
    grouping = group_images(make_images(hashes, originals={1: 0}), 4)
    assert grouping.roots.tolist() == [0, 0, 0, 3]


def test_keys_join_and_no_key_does_not() -> None:
    hashes = make_hashes(6, copies=0)
    grouping = group_images(make_images(hashes, keys={"host": [7, 0, 9, 7, 0, 9]}), 4)
    assert grouping.roots.tolist() == [0, 1, 2, 0, 4, 2]
    assert {grouping.reasons[kind] for kind in grouping.ties[2]} == {"host"}


def test_near_halves_join_within_three_quarters_of_the_distance() -> None:
    """The second differs in the first one's left half alone, the third a little too much there."""
    hashes = make_hashes(4, copies=0)
    halves = np.stack([make_hashes(4, seed, copies=0) for seed in range(4)])
    halves[3, 1] = halves[3, 0] ^ np.uint64(0b111111)
    halves[3, 2] = halves[3, 0] ^ np.uint64(0b1111111 << 20)
    images = make_images(hashes, halves=halves)
    grouping = group_images(images, 8)
    assert grouping.roots.tolist() == [0, 0, 2, 3]
    assert {grouping.reasons[kind] for kind in grouping.ties[2]} == {BY_HALF}
    assert (grouping.distinct, grouping.pairs) == (4, 5 * 6)
    assert group_images(images, 7).roots.tolist() == [0, 1, 2, 3]
    with pytest.raises(CrossingError):
        count_crossings(images, grouping, np.array([0, 1, 0, 0], np.int8), 8)
    assert count_crossings(images, grouping, np.array([0, 0, 1, 1], np.int8), 8).compared == 5 * 6
    images.has_half[3, 1] = False
    assert group_images(images, 8).roots.tolist() == [0, 1, 2, 3]


def test_halves_are_not_compared_where_equal_pictures_are_meant() -> None:
    images = make_images(make_hashes(3, copies=0), halves=np.zeros((4, 3), np.uint64))
    assert group_images(images, 0).roots.tolist() == [0, 1, 2]
    assert group_images(images, 1).roots.tolist() == [0, 0, 0]


def test_equal_contents_join_where_hashes_are_not_there() -> None:
    images = make_images([1, 2**40, 2**50 - 1])
    images.has_hash[:] = False
    images.points[2] = images.points[0]
    assert group_images(images, 16).roots.tolist() == [0, 1, 0]


def test_many_equal_hashes_are_compared_once() -> None:
    """A hundred thousand blank pictures are one hash."""
    grouping = group_images(make_images(np.zeros(100_000, np.uint64)), 8)
    assert not grouping.roots.any()
    assert (grouping.distinct, grouping.counts.compared) == (1, 0)


def test_no_images() -> None:
    assert group_images(make_images([]), 8).roots.tolist() == []


@pytest.mark.parametrize(
    ("hashes", "keys"),
    [
        ([0, 0xFF], [1, 2]),
        ([0, 0], [1, 2]),
        ([0, 2**64 - 1], [3, 3]),
    ],
)
def test_what_crosses_is_found(hashes: list[int], keys: list[int]) -> None:
    images = make_images(hashes, keys={"host": keys})
    splits = np.array([0, 1], np.int8)
    grouping = group_images(images, 8)
    with pytest.raises(CrossingError):
        count_crossings(images, grouping, splits, 8)
    assert count_crossings(images, grouping, np.array([0, -1], np.int8), 8).compared == 0
    assert count_crossings(images, grouping, np.array([1, 1], np.int8), 8).joined == 0


def test_a_duplicate_in_another_split_crosses() -> None:
    images = make_images([0, 2**64 - 1], originals={1: 0})
    grouping = group_images(images, 4)
    with pytest.raises(CrossingError):
        count_crossings(images, grouping, np.array([0, 1], np.int8), 4)


def test_what_crosses_in_full_buckets_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group of several splits that is too crowded for its pairs to be compared by buckets."""
    monkeypatch.setattr("shared.splitting.near_pairs.MOST", 100)
    monkeypatch.setattr("shared.splitting.near_pairs.MOST_EACH", 10)
    rng = np.random.default_rng(1)
    # All agree in a band, and the two that are near in no other.
    band = np.uint64(sum(1 << bit for bit in range(0, 64, 3)))
    hashes = np.unique(rng.integers(0, 2**64, 400, dtype=np.uint64) & ~band)
    hashes = np.append(hashes, hashes[100] ^ np.uint64(1 << 61 | 1 << 62))
    images = make_images(hashes)
    grouping = Grouping(
        np.zeros(len(hashes), np.int64), np.zeros((3, 0), np.int32), REASONS, 0, 0, PairCounts()
    )
    splits = (np.arange(len(hashes)) % 2).astype(np.int8)
    splits[-1] = splits[100]
    monkeypatch.setattr("shared.splitting.near_pairs.choose_radii", lambda *_: (0,) * 3)
    assert count_crossings(images, grouping, splits, 2).joined
    splits[-1] = 1 - splits[100]
    with pytest.raises(CrossingError):
        count_crossings(images, grouping, splits, 2)
