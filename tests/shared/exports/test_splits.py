"""Splits follow content alone and have the size that was asked for."""

import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.exports.splits import find_split

SPLITS = {"train": 0.8, "validation": 0.1, "test": 0.1}
NAMES = st.text("abcdefgh", min_size=1, max_size=8)
HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)


@st.composite
def splits(draw: st.DrawFn) -> dict[str, float]:
    weights = draw(st.dictionaries(NAMES, st.integers(1, 100), min_size=1, max_size=8))
    return {name: weight / sum(weights.values()) for name, weight in weights.items()}


def hashes(count: int) -> list[str]:
    return [hashlib.sha256(str(number).encode()).hexdigest() for number in range(count)]


@pytest.mark.parametrize(
    "wanted", [SPLITS, {"a": 0.5, "b": 0.5}, {"all": 1.0}, {"tiny": 0.01, "rest": 0.99}]
)
def test_shares_are_met(wanted: dict[str, float]) -> None:
    count = 20_000
    found = Counter(find_split(sha256, wanted) for sha256 in hashes(count))
    for name, share in wanted.items():
        # Five standard deviations of the binomial distribution.
        assert abs(found[name] - share * count) <= 5 * (count * share * (1 - share)) ** 0.5


@given(HASHES, splits())
def test_the_order_in_which_splits_are_written_does_not_count(
    sha256: str, wanted: dict[str, float]
) -> None:
    assert find_split(sha256, wanted) == find_split(sha256, dict(reversed(wanted.items())))


@given(HASHES, splits(), st.floats(1 - 1e-6, 1 + 1e-6))
def test_every_image_has_a_split_even_when_the_sum_is_not_quite_one(
    sha256: str, wanted: dict[str, float], sum_of_shares: float
) -> None:
    assert find_split(sha256, {k: v * sum_of_shares for k, v in wanted.items()}) in wanted


@given(splits())
def test_the_ends_of_the_line_belong_to_the_first_and_last_name(wanted: dict[str, float]) -> None:
    assert find_split("0" * 64, wanted) == min(wanted)
    assert find_split("f" * 64, wanted) == max(wanted)


@pytest.mark.parametrize(
    ("point", "split"),
    [
        ("1999999999999000", "test"),
        ("199999999999a000", "train"),
        ("e666666666666000", "train"),
        ("e666666666667000", "validation"),
    ],
)
def test_boundaries_lie_where_the_formula_says(point: str, split: str) -> None:
    assert find_split(point + "0" * 48, SPLITS) == split


def test_known_images_stay_where_they_are() -> None:
    # An export made today must agree with one made years ago.
    assert [find_split(sha256, SPLITS) for sha256 in hashes(8)] == [
        "train",
        "train",
        "train",
        "train",
        "train",
        "validation",
        "validation",
        "train",
    ]


def test_without_splits_there_is_no_answer() -> None:
    with pytest.raises(ValueError, match="no splits"):
        find_split("0" * 64, {})
