"""Turns by host: how often and how many at a time each is asked, and when no longer."""

from __future__ import annotations

import heapq
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import NamedTuple

from shared.fetching.exchange import Failure, FetchTask

# So many attempts in a row without an answer, and the host's other URLs are not tried.
_GIVE_UP_AFTER = 10
UNANSWERED = frozenset({"timeout", "connect_error", "dns_error", "connection_reset"})


class HostTerms(NamedTuple):
    """The most requests that a host may get at a time, from when on, or why none at all."""

    width: int
    open_at: float
    failure: Failure | None = None


@dataclass(slots=True)
class PacedHost:
    """One host's waiting tasks and what it asked of its visitors."""

    name: str
    queue: deque[FetchTask] = field(default_factory=deque)
    active: int = 0
    delay: float = 0.0
    open_at: float = 0.0
    unanswered: int = 0
    failure: Failure | None = None
    queued: bool = False

    @property
    def idle(self) -> bool:
        """Return whether no task of it waits or is under way."""
        return not (self.queue or self.active or self.queued)

    @property
    def known(self) -> bool:
        """Return whether there is something to remember of it."""
        return bool(self.delay or self.open_at or self.unanswered)


class Pacer:
    """Tasks by host, handed out in turn so that no host holds up another.

    All times are `time.monotonic()` seconds, all durations seconds. A host is never asked by more
    than `per_host` transfers at once, by one at a time and no oftener than its `Crawl-delay` when
    it names one, and not before its `Retry-After` has passed. `max_wait` is the longest such wait
    that is sat out; beyond it the host's tasks fail as `rate_limited`. Of hosts without tasks those
    that asked for something are remembered, the last `max_idle` of them.
    """

    def __init__(self, per_host: int, max_wait: float, *, max_idle: int = 10_000) -> None:
        self.per_host = per_host
        self.max_wait = max_wait
        self.waiting = 0
        self._max_idle = max_idle
        self._hosts: dict[str, PacedHost] = {}
        self._idle: OrderedDict[str, PacedHost] = OrderedDict()
        self._ready: deque[PacedHost] = deque()
        self._later: list[tuple[float, int, PacedHost | FetchTask]] = []
        self._order = count()
        self._refused: list[tuple[FetchTask, Failure]] = []

    def start_run(self) -> None:
        """Start a run: give silent hosts another chance."""
        for host in [*self._hosts.values(), *self._idle.values()]:
            host.unanswered, host.failure = 0, None
            self._set_aside(host)

    def add(self, task: FetchTask, now: float, *, first: bool = False) -> None:
        """Queue a task behind its host's others, or before them."""
        self.waiting += 1
        host = self._get_host(task)
        if first:
            host.queue.appendleft(task)
        else:
            host.queue.append(task)
        self._offer(host, now)

    def add_later(self, task: FetchTask, moment: float) -> None:
        """Queue a task at a later time, before its host's others."""
        self.waiting += 1
        heapq.heappush(self._later, (moment, next(self._order), task))

    def pop_next(self, now: float) -> FetchTask | None:
        """Return the next task that may start now, or None; `finish` must follow."""
        while self._later and self._later[0][0] <= now:
            item = heapq.heappop(self._later)[2]
            if isinstance(item, FetchTask):
                self.waiting -= 1
                self.add(item, now, first=True)
            else:
                item.queued = False
                self._offer(item, now)
        while self._ready:
            host = self._ready.popleft()
            host.queued = False
            if not host.queue:
                self._offer(host, now)
                continue
            terms = self.find_terms(host, now)
            if host.active >= terms.width or terms.failure or terms.open_at > now:
                self._offer(host, now)
                continue
            task = host.queue.popleft()
            self.waiting -= 1
            self._begin(host, task, now)
            self._offer(host, now)
            return task
        return None

    def get_next_moment(self) -> float | None:
        """Return when the next waiting task or host comes due, or None."""
        return self._later[0][0] if self._later else None

    def finish(self, task: FetchTask, failure: Failure | None, now: float) -> None:
        """Record how a task from `pop_next` has ended."""
        host = self._get_host(task)
        host.active -= 1
        self._note(host, task, failure)
        self._offer(host, now)

    def take_back(self, task: FetchTask, now: float) -> None:
        """Record that a task from `pop_next` has not been asked after all."""
        host = self._get_host(task)
        host.active -= 1
        self._offer(host, now)

    def slow_down(self, task: FetchTask, delay: float) -> None:
        """Keep `delay` seconds between requests to the task's host."""
        if delay:
            host = self._get_host(task)
            host.delay = max(host.delay, delay)
            self._set_aside(host)

    def close_until(self, task: FetchTask, moment: float) -> None:
        """Send nothing to the task's host before `moment`."""
        host = self._get_host(task)
        host.open_at = max(host.open_at, moment)
        self._set_aside(host)

    def exchange(self, now: float) -> None:
        """Settle with others who ask the same hosts; here there are none."""

    @property
    def awaits_others(self) -> bool:
        """Return whether tasks may start as soon as others have answered."""
        return False

    def end(self) -> None:
        """Give up what others wait for."""

    def pop_refused(self) -> Iterator[tuple[FetchTask, Failure]]:
        """Yield the tasks that will not be tried, with the reason; each once."""
        while self._refused:
            self.waiting -= 1
            yield self._refused.pop()

    def drain(self) -> Iterator[FetchTask]:
        """Yield every task that waits, ready or not."""
        for host in self._hosts.values():
            while host.queue:
                self.waiting -= 1
                yield host.queue.popleft()
        for _, _, item in self._later:
            if isinstance(item, FetchTask):
                self.waiting -= 1
                yield item
        for host in self._hosts.values():
            host.active, host.queued = 0, False
        self._later.clear()
        self._ready.clear()

    @property
    def host_count(self) -> int:
        """Return the number of hosts that are remembered."""
        return len(self._hosts) + len(self._idle)

    def _get_host(self, task: FetchTask) -> PacedHost:
        name = task.target.authority
        host = self._hosts.get(name)
        if host is None:
            host = self._idle.pop(name) if name in self._idle else PacedHost(name)
            self._hosts[name] = host
        return host

    def _set_aside(self, host: PacedHost) -> None:
        """Put a host without tasks aside, or forget it when it asked for nothing."""
        if not host.idle:
            return
        self._hosts.pop(host.name, None)
        self._idle.pop(host.name, None)
        if host.known:
            self._idle[host.name] = host
            if len(self._idle) > self._max_idle:
                self._idle.popitem(last=False)

    def find_terms(self, host: PacedHost, _now: float) -> HostTerms:
        """Return the terms on which a host with tasks may be asked."""
        return HostTerms(1 if host.delay else self.per_host, host.open_at, host.failure)

    def _begin(self, host: PacedHost, task: FetchTask, now: float) -> None:
        """Count a task as under way."""
        host.active += 1
        if host.delay and not task.internal:
            host.open_at = max(host.open_at, now + host.delay)

    def _note(self, host: PacedHost, _task: FetchTask, failure: Failure | None) -> None:
        """Learn from the end of an attempt."""
        if failure is None or failure.reason not in UNANSWERED:
            host.unanswered = 0
            return
        host.unanswered += 1
        if host.unanswered >= _GIVE_UP_AFTER and not host.failure:
            detail = f"{failure.detail} (given up: {host.unanswered} attempts without an answer)"
            host.failure = replace(failure, detail=detail)

    def _offer(self, host: PacedHost, now: float) -> None:
        """Put a host that has work in line, now or when it opens; set one without work aside."""
        if not host.queue or host.queued:
            self._set_aside(host)
            return
        terms = self.find_terms(host, now)
        wait = terms.open_at - now
        failure = terms.failure
        if not failure and wait > self.max_wait:
            detail = f"the host asks to wait {wait:.0f} s between requests or before the next"
            failure = Failure("rate_limited", detail, retryable=True, wait=wait)
        if failure:
            self._refuse(host, failure)
        elif wait > 0:
            host.queued = True
            heapq.heappush(self._later, (terms.open_at, next(self._order), host))
        elif host.active < terms.width:
            host.queued = True
            self._ready.append(host)

    def _refuse(self, host: PacedHost, failure: Failure) -> None:
        """Fail what waits for a host."""
        self._refused.extend((task, failure) for task in host.queue)
        host.queue.clear()
        self._set_aside(host)
