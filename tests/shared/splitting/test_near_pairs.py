"""All pairs within a distance are found, with work that stays within bounds."""

from itertools import combinations

import numpy as np
import pytest

from shared.errors import Conflict
from shared.splitting.near_pairs import PairCounts, choose_radii, find_near_pairs
from tests.shared.splitting.building import flip, make_hashes


@pytest.mark.parametrize("distance", range(17))
def test_every_pair_within_the_distance_is_found(distance: int) -> None:
    hashes = np.unique(make_hashes(700, seed=distance, copies=0.5))
    numbers = hashes.tolist()
    near = {
        (one, other)
        for one, other in combinations(range(len(numbers)), 2)
        if (numbers[one] ^ numbers[other]).bit_count() <= distance
    }
    assert find(hashes, distance) == near


@pytest.mark.parametrize("distance", range(11))
def test_bands_find_what_comparing_all_does(distance: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the bands of a million hashes, which few would not be worth."""
    radii = choose_radii(1_000_000, distance)
    assert len(radii) >= 3
    monkeypatch.setattr("shared.splitting.near_pairs.choose_radii", lambda *_: (0,))
    hashes = np.unique(make_hashes(3000, copies=0.6))
    all_pairs = find(hashes, distance)
    monkeypatch.setattr("shared.splitting.near_pairs.choose_radii", lambda *_: radii)
    counts = PairCounts()
    assert find(hashes, distance, counts) == all_pairs
    assert counts.compared < len(hashes) ** 2 / 10


def test_pairs_of_one_label_may_be_passed_over() -> None:
    """A crowd that hangs together already is not compared again and again."""
    crowd = np.unique(flip(np.zeros(30_000, np.uint64), 3))
    counts = PairCounts()
    labels = np.zeros(len(crowd), np.int64)
    for _ in find_near_pairs(crowd, 8, lambda: labels, counts):
        pass
    assert counts.compared < 40 * len(crowd)


def test_crowds_beyond_the_limit_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.splitting.near_pairs.MOST", 10_000)
    monkeypatch.setattr("shared.splitting.near_pairs.MOST_EACH", 10)
    monkeypatch.setattr("shared.splitting.near_pairs.choose_radii", lambda *_: (2, 2, 2))
    rng = np.random.default_rng(2)
    alike = np.uint64(sum(1 << place for place in range(0, 64, 3)))
    hashes = np.unique(rng.integers(0, 2**64, 3000, dtype=np.uint64) & ~alike)
    counts = PairCounts()
    labels = np.arange(len(hashes))
    tied = set()
    for left, right in find_near_pairs(hashes, 8, lambda: labels, counts):
        tied |= {*left.tolist(), *right.tolist()}
    assert counts.compared <= 10_000 + 10 * len(hashes)
    assert counts.joined > 0
    assert tied == set(range(len(hashes)))


def test_a_distance_at_which_all_are_alike_is_refused() -> None:
    with pytest.raises(Conflict, match="Choose a smaller one"):
        choose_radii(1_000_000, 16)
    assert choose_radii(1_000_000, 8) == (2, 2, 2)


def test_few_or_none() -> None:
    assert find(np.array([], np.uint64), 8) == set()
    assert find(np.array([5], np.uint64), 8) == set()
    assert find(np.array([0, 2**64 - 1], np.uint64), 16) == set()
    assert find(np.array([4, 5], np.uint64), 0) == set()


def find(
    hashes: np.ndarray, distance: int, counts: PairCounts | None = None
) -> set[tuple[int, int]]:
    labels = np.arange(len(hashes))
    pairs = set()
    for left, right in find_near_pairs(hashes, distance, lambda: labels, counts or PairCounts()):
        for one, other in zip(left.tolist(), right.tolist(), strict=True):
            pairs.add((min(one, other), max(one, other)))
    return pairs
