"""The population stability index on samples whose relation is known."""

import random
from collections import Counter

import pytest

from shared.insights.drift import LEAST, grade_drift, measure_population_stability
from shared.insights.histograms import find_value_bucket


def sample(mean: float, spread: float, size: int, seed: int) -> Counter[int]:
    chance = random.Random(seed)
    return Counter(find_value_bucket(chance.gauss(mean, spread)) for _ in range(size))


@pytest.mark.parametrize("size", [LEAST, 300, 5000])
@pytest.mark.parametrize("seed", range(5))
def test_samples_of_one_population_are_stable(size: int, seed: int) -> None:
    found = measure_population_stability(sample(5, 1, 2000, 100), sample(5, 1, size, seed))
    assert found is not None
    assert grade_drift(found) == "stable"


@pytest.mark.parametrize(("mean", "spread"), [(7, 1), (3.5, 1), (5, 3), (-5, 1), (5000, 1)])
def test_another_population_has_drifted(mean: float, spread: float) -> None:
    found = measure_population_stability(sample(5, 1, 2000, 1), sample(mean, spread, 500, 2))
    assert found is not None
    assert grade_drift(found) == "drifted"


def test_a_constant_is_stable_until_it_changes() -> None:
    assert measure_population_stability({4: 500}, {4: 500}) == 0
    assert (measure_population_stability({4: 500}, {9: 500}) or 0) > 1
    assert (measure_population_stability({4: 500}, {-9: 500}) or 0) > 1


def test_too_few_say_nothing() -> None:
    assert measure_population_stability({1: LEAST - 1}, {1: 5000}) is None
    assert measure_population_stability({1: 5000}, {1: LEAST - 1}) is None
    assert measure_population_stability({}, {}) is None


@pytest.mark.parametrize(
    ("index", "status"), [(0, "stable"), (0.1, "stable"), (0.2, "shifting"), (0.26, "drifted")]
)
def test_reading(index: float, status: str) -> None:
    assert grade_drift(index) == status
