"""The progress of a job."""

import pytest

from shared.states import to_percent


@pytest.mark.parametrize(
    ("done", "total", "percent"),
    [(0, 0, 0), (0, 3, 0), (1, 3, 33), (999, 1000, 99), (3, 3, 100), (4, 3, 100)],
)
def test_progress_is_100_only_at_the_end(done: int, total: int, percent: int) -> None:
    assert to_percent(done, total) == percent
