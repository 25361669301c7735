"""Decides what each worker may ask of a host: leases, turns, and how long a refusal closes it.

All of it works on what the rows of `hosts` and `crawl_hosts` hold, in Unix time, without a
database. Every rule errs on the side of the host: a lease counts until its end by the database's
clock, a turn that nobody takes is lost.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from shared.fetching.permits import HostClaim
from shared.settings import HOST_LIMIT

MAX_CLOSED = 24 * 3600.0
REFUSALS_TO_CLOSE = 6  # in a row; before that they only slow down
SILENCE_TO_CLOSE = 10
FORBIDDEN_TO_CLOSE = 10
OPT_OUTS_TO_END = 20
FORBIDDEN_PAUSE = 600.0
_BACKOFF = 2.0
_MAX_BACKOFF = 3600.0
_HORIZON = 3.0  # turns are given out so far ahead
_WORKERS_OF_A_RATE = 2
_LATENESS = 0.1  # by which a turn under a Crawl-delay may be late
# host or host:port, requests at a time, and requests a second


class HostLimit(NamedTuple):
    """The most that is asked of a host: requests at a time, and a second (0: any number)."""

    width: int
    rate: float


@dataclass(frozen=True)
class HostLimits:
    """The limits of every host: those of all, without a rate for hosts of this machine, or its own.

    `local` are hosts of this machine that may be asked.
    """

    usual: HostLimit
    own: Mapping[str, HostLimit] = field(default_factory=dict)
    local: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, usual: HostLimit, text: str, local: frozenset[str] = frozenset()) -> Self:
        """Read `upload.example.org=2:10, 127.0.0.1:8099=32`. Raises ValueError for what is none."""
        own = {}
        for given in filter(None, (part.strip() for part in text.split(","))):
            found = HOST_LIMIT.fullmatch(given)
            if not found:
                raise ValueError(f"{given!r} is not host=requests or host=requests:per_second")
            own[found["host"].lower()] = HostLimit(int(found["width"]), float(found["rate"] or 0))
        return cls(usual, own, local)

    @property
    def widest(self) -> int:
        """Return the most requests at a time that any host may get."""
        return max(limit.width for limit in (self.usual, *self.own.values()))

    def find(self, host: str) -> HostLimit:
        """Return the limit of a host, which is named with its port unless that is the usual one."""
        usual = HostLimit(self.usual.width, 0) if host in self.local else self.usual
        return self.own.get(host, usual)


@dataclass
class HostState:
    """The row of a host. `leases` are slots, end and wish of each worker; moments are Unix time."""

    leases: dict[str, tuple[int, float, int]] = field(default_factory=dict)
    crawl_delay: float = 0.0
    next_turn_at: float = 0.0
    open_at: float = 0.0
    refusals: int = 0
    unanswered: int = 0
    last_refusal: str | None = None


@dataclass
class CrawlHostState:
    """The row of a host that refuses a crawl; all zero where there is none."""

    refusals: int = 0
    opt_outs: int = 0
    open_at: float = 0.0

    @property
    def has_opted_out(self) -> bool:
        """Return whether the host does not want its images to be used, one after the other."""
        return self.opt_outs >= OPT_OUTS_TO_END

    def is_probing(self, now: float) -> bool:
        """Return whether the crawl looks, with one request, if it is let in again."""
        return self.refusals >= FORBIDDEN_TO_CLOSE and self.open_at <= now


class Grant(NamedTuple):
    """A worker's part: requests at a time, and the times at which turns begin."""

    slots: int
    turns: tuple[float, ...] = ()


def learn(state: HostState, claim: HostClaim, closed_for: float, now: float) -> None:
    """Take in what a worker has learned of a host that wants to be left alone for `closed_for` s.

    Refusals that many requests met at the same time count as one: those that began before the
    last one was known change nothing. Each in a row closes the host for twice as long, give or take
    half (so that workers do not come back together), unless it says for how long itself.
    """
    report = claim.report
    if report.crawl_delay is not None:
        state.crawl_delay = min(report.crawl_delay, MAX_CLOSED)
    if report.answered_at is not None and report.answered_at >= state.refusals:
        state.refusals = 0
    state.unanswered = report.unanswered + (0 if report.ended_silence else state.unanswered)
    refused = report.refused_at is not None and report.refused_at >= state.refusals
    silent = report.unanswered > 0 and state.unanswered >= SILENCE_TO_CLOSE and state.open_at <= now
    if closed_for > 0:
        state.open_at = max(state.open_at, now + min(closed_for, MAX_CLOSED))
    if silent:
        state.refusals = max(state.refusals + 1, REFUSALS_TO_CLOSE)
        state.last_refusal = f"{state.unanswered} requests in a row had no answer"
    elif refused:
        state.refusals += 1
        state.last_refusal = report.refusal
    if silent or (refused and closed_for <= 0):
        wait = min(_BACKOFF * 2 ** min(state.refusals - 1, 20), _MAX_BACKOFF)
        state.open_at = max(state.open_at, now + wait * random.uniform(0.75, 1.5))


def learn_of_crawl(state: CrawlHostState, claim: HostClaim, now: float) -> None:
    """Take in what a worker has learned of a host that refuses its crawl."""
    report = claim.report
    before = 0 if report.ended_forbidden else state.refusals
    if report.forbidden and before >= FORBIDDEN_TO_CLOSE:
        before = FORBIDDEN_TO_CLOSE - 1  # it was tried again
    state.refusals = report.forbidden + before
    if report.forbidden and state.refusals >= FORBIDDEN_TO_CLOSE:
        state.open_at = max(state.open_at, now + FORBIDDEN_PAUSE)
    if not state.has_opted_out:
        state.opt_outs = report.opt_outs + (0 if report.ended_opt_outs else state.opt_outs)


def grant(
    state: HostState,
    claim: HostClaim,
    worker: str,
    limit: HostLimit,
    *,
    now: float,
    seconds: float,
    width: int | None = None,
) -> Grant:
    """Lease a worker its part of a host for so many seconds, and note that in the row.

    The leases that have not run out are never of more than the limit together, one request where
    the host has a Crawl-delay or has refused the last one. Workers that find no room are noted with
    none, and those that hold more than their even share then give it up as their requests end:
    what is under way counts until then. Of a host with a rate two workers can use up all turns, so
    that more get no share. `width` narrows what this worker may get.
    """
    others = {
        name: lease for name, lease in state.leases.items() if lease[1] > now and name != worker
    }
    state.leases = others
    if not (claim.waiting or claim.active):
        return Grant(0)
    most = 1 if state.crawl_delay or state.refusals else limit.width
    wish = min(claim.waiting + claim.active, most if width is None else min(width, most))
    free = max(0, most - sum(slots for slots, _, _ in others.values()))
    workers = len(others) + 1
    if limit.rate:
        workers = min(workers, _WORKERS_OF_A_RATE)
    share = math.ceil(most / workers) if limit.rate else max(1, most // workers)
    is_short = any(slots < min(asked, share) for slots, _, asked in others.values())
    slots = min(wish, free, share) if is_short else min(wish, free)
    if state.open_at > now:
        slots = 0
    state.leases = {**others, worker: (max(slots, claim.active), now + seconds, wish)}
    return Grant(slots, _reserve_turns(state, claim, limit, slots, now, workers))


def find_interval(state: HostState, limit: HostLimit) -> float:
    """Return the seconds between two turns, 0 where requests need none."""
    delay = state.crawl_delay + _LATENESS if state.crawl_delay else 0.0
    if not limit.rate:
        return delay
    # A second that begins within a turn meets the next one too.
    return max(1 / (limit.rate - 1) if limit.rate > 1 else 1 + _LATENESS, delay)


def find_turn_length(state: HostState, limit: HostLimit) -> float:
    """Return for how many seconds a turn may be taken once it has begun.

    Under a Crawl-delay two requests are never nearer to each other than it says. Under a rate
    alone, no second has a part in more turns than the rate.
    """
    is_slow = state.crawl_delay or limit.rate == 1
    return _LATENESS if is_slow else find_interval(state, limit)


def _reserve_turns(
    state: HostState, claim: HostClaim, limit: HostLimit, slots: int, now: float, workers: int
) -> tuple[float, ...]:
    interval = find_interval(state, limit)
    if not interval or not slots:
        return ()
    wanted = min(claim.waiting, math.ceil(_HORIZON / interval / workers)) - claim.turns
    following = max(now, state.next_turn_at)
    turns: list[float] = []
    while len(turns) < wanted and following <= now + _HORIZON:
        turns.append(following)
        following += interval
    if turns:
        state.next_turn_at = following
    return tuple(turns)
