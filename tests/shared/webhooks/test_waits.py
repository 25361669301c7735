"""When a post that failed is tried again."""

from datetime import timedelta

import pytest

from shared.webhooks.waits import DELAYS, LONGEST_REST, LONGEST_WISH, compute_rest, compute_wait


@pytest.mark.parametrize("attempts", range(1, len(DELAYS) + 1))
def test_waits_grow_and_differ_by_a_tenth_at_most(attempts: int) -> None:
    planned = DELAYS[attempts - 1]
    waits = {compute_wait(attempts) for _ in range(20)}
    assert len(waits) > 1
    assert all(
        wait is not None and planned <= wait.total_seconds() <= 1.1 * planned for wait in waits
    )


def test_attempts_are_spread_over_a_day_and_end() -> None:
    assert timedelta(hours=24) < timedelta(seconds=sum(DELAYS)) < timedelta(hours=48)
    assert compute_wait(len(DELAYS) + 1) is None


def test_a_wish_is_heeded_where_it_is_longer_and_not_beyond_a_day() -> None:
    def wait(wish: float) -> float:
        found = compute_wait(1, wish)
        assert found is not None
        return found.total_seconds()

    assert wait(600) >= 600
    assert wait(1) <= 1.1 * DELAYS[0]
    assert wait(10**9) <= 1.1 * LONGEST_WISH


def test_an_endpoint_rests_no_longer_than_an_hour_by_itself() -> None:
    assert compute_rest(10_000).total_seconds() <= 1.1 * LONGEST_REST
    assert compute_rest(1).total_seconds() >= DELAYS[0]
