"""Profiles of a prediction's inputs."""

import json

import numpy as np
import pytest

from shared.insights.histograms import find_value_bucket
from shared.insights.profiles import build_input_profile


def test_rows_by_their_mean_and_spread() -> None:
    profile = build_input_profile({"x": np.array([[1.0, 3.0], [1.0, 3.0], [10.0, 10.0]])})
    assert profile == {
        "x mean": {str(find_value_bucket(2)): 2, str(find_value_bucket(10)): 1},
        "x spread": {str(find_value_bucket(1)): 2, "0": 1},
    }
    assert json.loads(json.dumps(profile)) == profile


@pytest.mark.parametrize(
    ("array", "names"),
    [
        (np.array([1, 2, 3]), ["x mean"]),
        (np.array(7.0), ["x mean"]),
        (np.zeros((2, 3, 8, 8), dtype=np.float16), ["x mean", "x spread"]),
        (np.ones((1, 4), dtype=np.uint8) * 255, ["x mean", "x spread"]),
        (np.array([True, False]), ["x mean"]),
        (np.array(["a", "b"]), []),
        (np.array([b"a"], dtype=object), []),
        (np.zeros((0, 4)), []),
        (np.full((2, 2), np.nan), []),
        (np.full((2, 2), np.inf), []),
    ],
)
def test_shapes_and_types(array: np.ndarray, names: list[str]) -> None:
    with np.errstate(invalid="ignore"):
        assert list(build_input_profile({"x": array})) == names


def test_it_stays_small() -> None:
    arrays = {f"input {n}" + "x" * 200: np.random.rand(1000, 3) for n in range(50)}
    profile = build_input_profile(arrays)
    assert len(profile) == 16
    assert all(sum(counts.values()) == 32 for counts in profile.values())
    assert len(json.dumps(profile)) < 8000


def test_what_is_beyond_all_numbers_is_not_counted() -> None:
    assert build_input_profile({"x": np.full((2, 4), 1.7e308)}) == {}
