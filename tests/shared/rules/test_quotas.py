"""A limit lets exactly its number through."""

import pytest

from shared.errors import Conflict, TooMany
from shared.rules.quotas import QUOTAS, check


def test_defaults() -> None:
    assert (QUOTAS.active_crawl_jobs, QUOTAS.projects, QUOTAS.api_keys) == (10, 1000, 50)


def test_there_is_room_below_the_limit() -> None:
    check(9, 10, "projects")


@pytest.mark.parametrize("used", [10, 11])
def test_what_only_the_caller_can_free_is_a_conflict(used: int) -> None:
    with pytest.raises(Conflict, match="10 projects"):
        check(used, 10, "projects")


def test_what_frees_itself_says_when_to_come_back() -> None:
    with pytest.raises(TooMany) as caught:
        check(10, 10, "crawl jobs at work", retry_after=60)
    assert caught.value.headers["Retry-After"] == "60"
