"""Sets are joined however the pairs come."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.splitting.forest import Forest

COUNT = 30
PAIRS = st.lists(st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)), max_size=40)


@given(st.lists(PAIRS, max_size=4))
def test_sets_are_what_hangs_together(batches: list[list[tuple[int, int]]]) -> None:
    forest = Forest(COUNT)
    sets = {one: {one} for one in range(COUNT)}
    for kind, pairs in enumerate(batches):
        array = np.array(pairs, np.int64).reshape(-1, 2)
        forest.join(array[:, 0], array[:, 1], kind)
        for one, other in pairs:
            union = sets[one] | sets[other]
            sets |= dict.fromkeys(union, union)
    assert forest.find(np.arange(COUNT)).tolist() == [min(sets[one]) for one in range(COUNT)]
    # Each tie joins two sets, so that there are as many as roots were lost.
    tree = Forest(COUNT)
    left, right, _ = forest.ties
    tree.join(left.astype(np.int64), right.astype(np.int64), 0)
    assert tree.find(np.arange(COUNT)).tolist() == forest.find(np.arange(COUNT)).tolist()
    assert forest.ties.shape[1] == COUNT - len({min(one) for one in sets.values()})


def test_long_chains_and_stars_take_few_rounds() -> None:
    count = 200_000
    for left, right in (
        (np.arange(count - 1), np.arange(1, count)),
        (np.arange(count - 1), np.full(count - 1, count - 1)),
        (np.arange(count - 1)[::-1], np.arange(1, count)[::-1]),
    ):
        forest = Forest(count)
        forest.join(left.astype(np.int64), right.astype(np.int64), 0)
        assert not forest.find(np.arange(count)).any()
