"""The size from which images are composed."""

import pytest

from shared.settings import Settings
from tests.bench.composed import compose, find_least_bytes, stream


def test_the_limit_is_where_both_ways_cost_the_same() -> None:
    limit = Settings(project="p", bucket="b").export_composed_bytes
    assert limit == pytest.approx(find_least_bytes(), rel=0.005)
    assert stream(limit // 2) < compose() < stream(limit * 2)
