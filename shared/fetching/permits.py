"""Terms on which a host is asked by several callers at once, and the desk that settles them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from shared.fetching.exchange import Failure


@dataclass(slots=True)
class HostReport:
    """Outcomes of requests to a host that the desk has not heard of.

    `answered_at` and `refused_at` are how many refusals in a row the host was known for when the
    latest request began that it answered, or refused as `refusal` says; it wants to be left alone
    until `closed_until`, in `time.monotonic()` seconds. `unanswered`, `forbidden` and `opt_outs`
    count such outcomes in a row: since the last other one where that is in this report
    (`ended_silence`, `ended_forbidden`, `ended_opt_outs`), else on top of what is known.
    """

    crawl_delay: float | None = None
    answered_at: int | None = None
    refused_at: int | None = None
    refusal: str = ""
    closed_until: float = 0.0
    unanswered: int = 0
    ended_silence: bool = False
    forbidden: int = 0
    ended_forbidden: bool = False
    opt_outs: int = 0
    ended_opt_outs: bool = False


@dataclass(frozen=True, slots=True)
class HostClaim:
    """One caller's wish to ask a host: requests that wait and that are under way, turns in hand."""

    host: str
    waiting: int
    active: int
    turns: int
    report: HostReport


class Turn(NamedTuple):
    """A time at which one request may begin, in `time.monotonic()` seconds."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class HostPermit:
    """A caller's part of what may be asked of a host; moments are `time.monotonic()` seconds.

    At most `slots` requests at a time, until `expires_at`; none before `open_at`; where the host is
    `paced`, each in a turn of its own, of which these are new ones (with a `crawl_delay` files
    about the site need none). `refusal` is why the host is not asked at all.
    """

    slots: int
    expires_at: float
    open_at: float = 0.0
    paced: bool = False
    crawl_delay: float = 0.0
    turns: tuple[Turn, ...] = ()
    refusals: int = 0
    refusal: Failure | None = None


class HostDesk(Protocol):
    """The place where the callers of all processes share hosts."""

    def exchange(self, claims: Sequence[HostClaim]) -> Mapping[str, HostPermit]:
        """Return a permit for each claim, or fewer where the desk cannot be reached.

        A claim with nothing waiting or under way gives the host back.
        """
        ...
