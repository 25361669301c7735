"""Arithmetic of leases, turns and refusals, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crawls.host_rules import (
    FORBIDDEN_TO_CLOSE,
    OPT_OUTS_TO_END,
    CrawlHostState,
    HostLimit,
    HostLimits,
    HostState,
    find_interval,
    find_turn_length,
    grant,
    learn,
    learn_of_crawl,
)
from shared.fetching.permits import HostClaim, HostReport

USUAL = HostLimit(8, 20)


def claim(waiting: int = 9, active: int = 0, turns: int = 0, **report: object) -> HostClaim:
    return HostClaim("a", waiting, active, turns, HostReport(**report))  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 30), st.integers(0, 10), st.integers(0, 5)),
        max_size=60,
    ),
    st.integers(1, 12),
)
def test_leases_never_exceed_the_limit(steps: list[tuple[int, int, int, int]], width: int) -> None:
    """Whoever claims in whatever order, and dies: what may be under way is within the limit."""
    state, limit, now = HostState(), HostLimit(width, 0), 1000.0
    granted: dict[int, tuple[int, float]] = {}  # slots and their end, as each worker knows them
    for worker, waiting, running, pause in steps:
        now += pause
        slots, until = granted.get(worker, (0, 0.0))
        active = min(running, slots) if until > now else 0
        part = grant(state, claim(waiting, active), str(worker), limit, now=now, seconds=10)
        granted[worker] = (max(part.slots, active), now + 10)
        alive = [most for most, end in granted.values() if end > now]
        assert sum(alive) <= width


def test_a_newcomer_gets_its_share_as_requests_end() -> None:
    state, limit = HostState(), HostLimit(8, 0)
    assert grant(state, claim(), "a", limit, now=0, seconds=10).slots == 8
    assert grant(state, claim(), "b", limit, now=1, seconds=10).slots == 0
    assert grant(state, claim(active=8), "a", limit, now=2, seconds=10).slots == 4
    assert grant(state, claim(), "b", limit, now=3, seconds=10).slots == 0  # 8 are under way
    assert grant(state, claim(active=5), "a", limit, now=4, seconds=10).slots == 4
    assert grant(state, claim(), "b", limit, now=5, seconds=10).slots == 3
    assert grant(state, claim(active=4), "a", limit, now=6, seconds=10).slots == 4
    assert grant(state, claim(active=3), "b", limit, now=7, seconds=10).slots == 4


def test_what_is_given_back_is_free_at_once() -> None:
    state, limit = HostState(), HostLimit(8, 0)
    grant(state, claim(), "a", limit, now=0, seconds=10)
    grant(state, claim(0), "a", limit, now=1, seconds=10)
    assert state.leases == {}


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 2)), min_size=1, max_size=40),
    st.integers(1, 40),
)
def test_no_second_meets_more_turns_than_the_rate(
    claims: list[tuple[int, float]], rate: int
) -> None:
    state, limit, now = HostState(), HostLimit(8, rate), 1000.0
    turns: list[float] = []
    for worker, pause in claims:
        now += pause
        turns += grant(state, claim(50), str(worker), limit, now=now, seconds=10).turns
    length = find_turn_length(state, limit)
    starts = sorted(turns)
    for first in starts:  # a request in a turn may begin at any moment of it
        within = [one for one in starts if first + length <= one + length < first + length + 1]
        assert len(within) <= rate


def test_turns_under_a_crawl_delay_are_never_nearer() -> None:
    state = HostState(crawl_delay=2.0)
    assert find_interval(state, USUAL) - find_turn_length(state, USUAL) == pytest.approx(2.0)
    first = grant(state, claim(), "a", USUAL, now=100, seconds=10)
    assert (first.slots, first.turns) == (1, (100.0, 102.1))
    again = grant(state, claim(turns=1), "a", USUAL, now=100.5, seconds=10)
    assert again.turns == ()


def test_waits_double_and_end() -> None:
    state, now = HostState(), 1000.0
    waits = []
    for number in range(14):
        learn(state, claim(refused_at=number, refusal="429"), 0, now)
        waits.append(state.open_at - now)
        now = state.open_at
    for number, wait in enumerate(waits):
        usual = min(2 * 2**number, 3600)
        assert 0.75 * usual <= wait <= 1.5 * usual
    learn(state, claim(answered_at=state.refusals), 0, now)
    assert state.refusals == 0


def test_old_news_changes_nothing() -> None:
    state = HostState(refusals=2, open_at=1100)
    learn(state, claim(refused_at=1, refusal="429", answered_at=1), 0, 1000)
    assert (state.refusals, state.open_at) == (2, 1100)


def test_a_day_is_the_longest_that_a_host_closes_itself() -> None:
    state = HostState()
    learn(state, claim(refused_at=0, refusal="429", crawl_delay=1e300), 1e12, 1000)
    assert state.open_at - 1000 == 24 * 3600
    assert state.crawl_delay == 24 * 3600
    assert grant(state, claim(), "a", USUAL, now=1000, seconds=10).turns == ()


def test_a_crawl_that_is_forbidden_looks_again_after_ten_minutes() -> None:
    state = CrawlHostState()
    learn_of_crawl(state, claim(forbidden=FORBIDDEN_TO_CLOSE - 1), 1000)
    assert state.open_at == 0
    learn_of_crawl(state, claim(forbidden=1), 1000)
    assert state.open_at == 1600
    assert not state.is_probing(1599)
    assert state.is_probing(1600)
    learn_of_crawl(state, claim(forbidden=1), 1700)
    assert state.open_at == 2300
    learn_of_crawl(state, claim(ended_forbidden=True), 2300)
    assert not state.is_probing(2300)


def test_opting_out_lasts_as_long_as_the_crawl() -> None:
    state = CrawlHostState(opt_outs=OPT_OUTS_TO_END - 1)
    learn_of_crawl(state, claim(ended_opt_outs=True), 0)
    assert not state.has_opted_out
    learn_of_crawl(state, claim(opt_outs=OPT_OUTS_TO_END), 0)
    learn_of_crawl(state, claim(ended_opt_outs=True), 0)
    assert state.has_opted_out


def test_limits_of_single_hosts() -> None:
    local = frozenset({"127.0.0.1:8099", "127.0.0.1:9"})
    limits = HostLimits.parse(USUAL, " Upload.example.org=2:10, 127.0.0.1:8099=4:30", local)
    assert limits.find("upload.example.org") == (2, 10)
    assert limits.find("127.0.0.1:8099") == (4, 30)
    assert limits.find("127.0.0.1:9") == (8, 0)
    assert limits.find("example.org") == USUAL
    assert limits.widest == 8
    for text in ("a", "a=0", "a=x", "a=1:", "a=1:-1", "=1"):
        with pytest.raises(ValueError, match="is not host=requests"):
            HostLimits.parse(USUAL, text)
