"""Groups fall into splits by their content, and nothing ever moves."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.splitting.assignment import NONE, Assignment, assign_groups, place_points
from shared.splitting.grouping import count_crossings, group_images
from shared.splitting.images import SplitImages
from tests.shared.splitting.building import make_hashes, make_images

SHARES = {"test": 0.1, "train": 0.8, "validation": 0.1}
HALVES = {"a": 0.5, "b": 0.5}


def assign(
    images: SplitImages,
    shares: dict[str, float],
    earlier: Sequence[int] = (),
    distance: int = 8,
    *,
    stratified: bool = False,
) -> Assignment:
    before = np.full(len(images), NONE, np.int8)
    before[: len(earlier)] = earlier
    grouping = group_images(images, distance)
    return assign_groups(images, grouping, shares, before, distance, stratified=stratified)


@pytest.mark.parametrize("shares", [SHARES, HALVES, {"all": 1.0}, {"rest": 0.99, "tiny": 0.01}])
def test_shares_are_met(shares: dict[str, float]) -> None:
    count = 20_000
    images = make_images(make_hashes(count, copies=0.3))
    splits = assign(images, shares).splits
    for place, name in enumerate(sorted(shares)):
        share = shares[name]
        # Five standard deviations of groups of two.
        limit = 5 * (2 * count * share * (1 - share)) ** 0.5
        assert abs(np.count_nonzero(splits == place) - share * count) <= limit


def test_boundaries_lie_where_the_shares_end() -> None:
    points = [0, 0x1999999999999000, 0x199999999999A000, 0xE666666666666000, 0xE666666666667000]
    weights = np.array([0.1, 0.8, 0.1])
    assert place_points(np.array([*points, 2**64 - 1], np.uint64), weights).tolist() == [
        *(0, 0, 1, 1, 2, 2)
    ]


def test_known_images_stay_where_they_are() -> None:
    """A dataset split today must agree with one split years ago."""
    images = make_images(make_hashes(8, copies=0))
    digests = [hashlib.sha256(str(number).encode()).digest() for number in range(8)]
    images.points[:] = [int.from_bytes(digest[:8], "big") for digest in digests]
    assert assign(images, SHARES).splits.tolist() == [1, 1, 1, 1, 1, 2, 2, 1]


def test_a_group_has_one_split() -> None:
    images = make_images(make_hashes(5000))
    grouping = group_images(images, 8)
    splits = assign(images, SHARES).splits
    for place in range(3):
        assert not set(grouping.roots[splits == place]) & set(grouping.roots[splits != place])


def test_what_ties_two_splits_by_its_halves_is_in_none() -> None:
    """Two pictures of different splits, and a third that shares a half with each."""
    halves = np.stack([make_hashes(3, seed, copies=0) for seed in range(4)])
    halves[0, 2], halves[1, 2] = halves[0, 0], halves[1, 1]
    images = make_images(make_hashes(3, copies=0), halves=halves)
    assert assign(images, HALVES, [0, 1]).splits.tolist() == [0, 1, NONE]
    images.has_half[1] = False
    assert assign(images, HALVES, [0, 1]).splits.tolist() == [0, 1, 0]


def test_a_group_larger_than_its_split_goes_to_the_largest() -> None:
    images = make_images([1] * 30 + make_hashes(70, copies=0).tolist())
    for seed in range(20):
        images = make_images(images.hashes, seed=seed)
        assert assign(images, SHARES).splits[0] == 1


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 199), st.booleans())
def test_adding_images_moves_none_and_separates_none(seed: int, first: int, by_label: bool) -> None:
    hashes = make_hashes(200, seed, copies=0.8)
    labels = [1 + number % 3 for number in range(200)]
    before = assign(
        make_images(hashes[:first], labels=labels[:first], seed=seed), HALVES, stratified=by_label
    ).splits
    images = make_images(hashes, labels=labels, seed=seed)
    after = assign(images, HALVES, before.tolist(), stratified=by_label).splits
    assert after[:first].tolist() == before.tolist()
    assert count_crossings(images, group_images(images, 8), after, 8)


def test_an_image_between_splits_is_in_none_of_them() -> None:
    """The new image looks like one of each; what looks like it alone is not lost with it."""
    hashes = [0, 0xFFFF, 0xFF, 0xFF0000FF]
    assert assign(make_images(hashes), HALVES, [0, 1]).splits[:3].tolist() == [0, 1, NONE]
    found = assign(make_images(hashes), HALVES, [0, 1]).splits[3]
    assert found in (0, 1)
    together = assign(make_images(hashes), HALVES, [1, 1]).splits
    assert together.tolist() == [1, 1, 1, 1]


def test_what_is_near_one_side_of_a_conflict_joins_that_side() -> None:
    hashes = [0, 0xFFFF, 0xFF, 0x0100000000000000]
    assert assign(make_images(hashes), HALVES, [0, 1]).splits.tolist() == [0, 1, NONE, 0]


def test_images_of_different_splits_that_come_to_belong_together_do_not_cross() -> None:
    """Both had a split before a key tied them: the later one leaves, neither moves."""
    hashes = make_hashes(4, copies=0)
    images = make_images(hashes, keys={"label": [5, 5, 0, 0]})
    assert assign(images, HALVES, [0, 1, 1, 0]).splits.tolist() == [0, NONE, 1, 0]


def test_conflicts_beyond_the_limit_keep_one_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.splitting.assignment.LARGEST_CONFLICT", 3)
    images = make_images([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF])
    assert assign(images, HALVES, [0, 1, 1, NONE]).splits.tolist() == [NONE, 1, 1, NONE, NONE]


def test_conflicts_hold_for_as_many_splits_as_there_may_be() -> None:
    """An image that looks like one of a late split joins it, one between two of them joins none."""
    shares = {f"fold{number:02}": 1 / 20 for number in range(20)}
    hashes = [0, 0xFFFF, 0xFF, 0x0100000000000000, 0x010000000000FFFF]
    for first, second in ((7, 8), (3, 12), (18, 19)):
        found = assign(make_images(hashes), shares, [first, second]).splits
        assert found.tolist() == [first, second, NONE, first, second]
        images = make_images(hashes)
        assert count_crossings(images, group_images(images, 8), found, 8)
