"""A client that downloads many URLs at once: guarded, polite, bounded in time and memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from time import monotonic
from types import TracebackType

import certifi

from shared.fetching.addresses import AddressPolicy
from shared.fetching.answer import BodyBudget
from shared.fetching.exchange import Failure, FetchRequest, FetchResult
from shared.fetching.loop import CurlLoop
from shared.fetching.pacing import Pacer
from shared.fetching.permits import HostDesk
from shared.fetching.reservations import ReservationCache
from shared.fetching.robots import RobotsCache
from shared.fetching.run import FetchRun
from shared.fetching.sharing import SharedPacer
from shared.fetching.transfer import Transfer, TransferLimits
from shared.fetching.wishes import SiteWishes
from shared.rights.signals import RightsPolicy

__all__ = ["Failure", "FetchRequest", "FetchResult", "Fetcher"]

_TICK = 0.05


class Fetcher:
    """A client with its connections, its memory of hosts and their robots.txt.

    Durations are in seconds. `connect_timeout` and `total_timeout` bound one attempt at one hop;
    an answer that brings less than `min_rate` bytes/s over `stall_time` is cut off as well.
    `retries` more attempts follow a failure that may pass, after `backoff` doubled each time.
    Waits that a host asks for are sat out up to `max_wait`; a file about a whole site may take
    `site_time`, redirects and retries included, and all of one site about three times that.
    With a `desk` hosts are shared with the callers of other processes. At most `max_buffered` bytes
    of bodies (and one body more) are in memory before the consumer has them. `ca_file` replaces the
    certificate authorities; `resolve` are libcurl's `host:port:address` entries ahead of DNS,
    and pass the same address check. `site_files` are the files of sites that were read, by
    SHA-256, up to 32 MiB of them. For one thread, and one `fetch_all` at a time.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        user_agent: str,
        max_bytes: int,
        connect_timeout: float = 10.0,
        total_timeout: float = 30.0,
        max_redirects: int = 5,
        per_host: int = 6,
        concurrency: int = 64,
        retries: int = 2,
        backoff: float = 0.5,
        max_wait: float = 60.0,
        site_time: float = 30.0,
        desk: HostDesk | None = None,
        min_rate: float = 1024.0,
        stall_time: float = 10.0,
        max_buffered: int = 64 * 1024 * 1024,
        ca_file: str | None = None,
        resolve: Sequence[str] = (),
    ) -> None:
        self.robots = RobotsCache()
        self.reservations = ReservationCache(self.robots)
        self.site_files: dict[str, bytes] = {}
        self._policy = policy
        self._max_redirects = max_redirects
        self._retries = retries
        self._backoff = backoff
        self.budget = BodyBudget(max_buffered)
        self._site_time = site_time
        self._pacer = SharedPacer(per_host, max_wait, desk) if desk else Pacer(per_host, max_wait)
        self._loop = CurlLoop(max_connections=2 * concurrency)
        self._run: FetchRun | None = None
        limits = TransferLimits(max_bytes, connect_timeout, total_timeout, min_rate, stall_time)
        ca_file = ca_file or certifi.where()
        self._idle = [
            Transfer(policy, limits, self.budget, user_agent, ca_file, resolve)
            for _ in range(concurrency)
        ]

    def fetch_all(
        self,
        requests: Iterable[FetchRequest],
        on_tick: Callable[[], None] | None = None,
        *,
        respect_robots: bool = True,
        rights: RightsPolicy = "respect",
        deadline: float | None = None,
    ) -> Iterator[FetchResult]:
        """Download every request and yield each answer as it completes, in no order.

        The network moves while the caller waits for the next answer, so slow work on an answer
        belongs in another thread; `on_tick` is called about twenty times a second to collect it.
        With `respect_robots` the robots.txt of each new origin is asked first and its Crawl-delay
        kept. What sites and answers say about use in AI is heeded as `rights` says; it is in the
        results as far as it was read. `deadline` is a `time.monotonic()` moment at which all that
        is not complete comes back as a retryable `deadline`. Every request gets one result.
        """
        if self._run:
            raise RuntimeError("a fetcher serves one fetch_all at a time")
        run = self._run = FetchRun(
            iter(requests),
            policy=self._policy,
            loop=self._loop,
            pacer=self._pacer,
            wishes=SiteWishes(
                self.robots,
                self.reservations,
                self.site_files,
                respect_robots=respect_robots,
                rights=rights,
                site_time=self._site_time,
            ),
            idle=self._idle,
            budget=self.budget,
            max_redirects=self._max_redirects,
            retries=self._retries,
            backoff=self._backoff,
            deadline=deadline,
        )
        next_tick = 0.0
        try:
            more = True
            while more:
                more = run.step(_TICK)
                for result in run.pop_results():
                    left = monotonic()
                    yield result
                    run.consumer_time += monotonic() - left
                if on_tick and monotonic() >= next_tick:
                    left = monotonic()
                    on_tick()
                    run.consumer_time += monotonic() - left
                    next_tick = monotonic() + _TICK
        finally:
            run.close()
            self._run = None

    def close(self) -> None:
        """Close every connection and handle, those of an unfinished call too."""
        if self._run:
            self._run.close()
        self._pacer.end()
        self._loop.close()
        for transfer in self._idle:
            transfer.curl.close()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
