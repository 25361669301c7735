"""Histograms against the values that were put into them."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from shared.insights.histograms import (
    LATENCY_UNIT,
    PERCENTILE_BOUND,
    compute_percentile,
    find_latency_bucket,
    find_value_bucket,
)

times = st.floats(min_value=0, max_value=1e9, allow_nan=False)


def histogram(values: list[float]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for value in values:
        counts[find_latency_bucket(value)] = counts.get(find_latency_bucket(value), 0) + 1
    return counts


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("spread", [0.05, 0.5, 1.5])
def test_percentiles_are_near_the_true_ones(share: float, spread: float) -> None:
    chance = random.Random(1)
    values = sorted(chance.lognormvariate(2, spread) for _ in range(5000))
    true = values[int(share * len(values)) - 1]
    assert compute_percentile(histogram(values), share) == pytest.approx(true, rel=0.05)


@given(st.lists(times, min_size=1, max_size=300), st.floats(0.001, 1))
def test_percentiles_are_never_further_off_than_a_bucket(values: list[float], share: float) -> None:
    found = compute_percentile(histogram(values), share)
    assert found is not None
    true = sorted(values)[math.ceil(share * len(values)) - 1]
    if true <= LATENCY_UNIT:
        assert found <= LATENCY_UNIT
    else:
        rounding = 0.00005
        assert true / PERCENTILE_BOUND - rounding <= found <= true * PERCENTILE_BOUND + rounding


def test_the_bound_is_nine_per_cent_and_is_reached() -> None:
    assert 1.09 < PERCENTILE_BOUND < 1.091
    end = LATENCY_UNIT * 2**13  # of a bucket: the next one has all values just above it
    found = compute_percentile(histogram([end * 1.0001]), 1)
    assert found == pytest.approx(end * PERCENTILE_BOUND, rel=1e-4)


def test_nothing_counted_has_no_percentile() -> None:
    assert compute_percentile({}, 0.5) is None
    assert compute_percentile({40: 0, 41: -1}, 0.5) is None


def test_the_database_has_the_same_buckets(engine: Engine) -> None:
    values = [0, 0.0005, 0.001, 0.0011, 0.5, 1, 1.0001, 8, 99.9, 1000, 540_000, 1e9]
    with engine.connect() as connection:
        found = connection.scalars(
            text("SELECT latency_bucket(v) FROM unnest(CAST(:values AS float8[])) v"),
            {"values": values},
        ).all()
        assert connection.scalar(text("SELECT latency_bucket(NULL)")) is None
    assert found == [find_latency_bucket(value) for value in values]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_values_keep_their_sign_and_their_order(value: float) -> None:
    bucket = find_value_bucket(value)
    assert -1000 <= bucket <= 1000
    assert bucket == -find_value_bucket(-value)
    assert (bucket == 0) or (bucket > 0) == (value > 0)
    assert find_value_bucket(abs(value) * 1.5) >= abs(bucket)


@pytest.mark.parametrize(("near", "far"), [(0.0, 0.0001), (0.5, 0.51), (1000, 1020)])
def test_what_is_near_shares_a_bucket_or_has_the_next_one(near: float, far: float) -> None:
    assert abs(find_value_bucket(far) - find_value_bucket(near)) <= 1
    assert find_value_bucket(far * 1.5 + 1) > find_value_bucket(far)
