"""One call of `Fetcher.fetch_all`: from requests to results over redirects and retries."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from time import monotonic
from types import MappingProxyType

import pycurl

from shared.fetching.addresses import AddressPolicy
from shared.fetching.answer import BodyBudget
from shared.fetching.exchange import (
    OUT_OF_TIME,
    RETRIED_REASONS,
    RETRIED_STATUS,
    Failure,
    FetchMode,
    FetchRequest,
    FetchResult,
    FetchTask,
    explain_block,
)
from shared.fetching.headers import find_redirect, parse_retry_after
from shared.fetching.loop import CurlLoop
from shared.fetching.pacing import Pacer
from shared.fetching.robots import RobotsCache
from shared.fetching.robots_rules import MAX_BYTES as ROBOTS_MAX_BYTES
from shared.fetching.transfer import Transfer
from shared.fetching.urls import BadUrl, normalise, parse_target

_LOOK_AHEAD = 2048
_MAX_RAW_HOSTS = 1000
_CHECK_EVERY = 0.25


class FetchRun:
    """The state of one call. `step` moves it on, `pop_results` yields what is complete.

    `consumer_time` are the seconds that the consumer kept the thread: they age no transfer.
    """

    def __init__(
        self,
        requests: Iterator[FetchRequest],
        *,
        policy: AddressPolicy,
        loop: CurlLoop,
        pacer: Pacer,
        robots: RobotsCache | None,
        idle: list[Transfer],
        budget: BodyBudget,
        max_redirects: int,
        retries: int,
        backoff: float,
        deadline: float | None,
    ) -> None:
        self._requests = requests
        self._policy = policy
        self._loop = loop
        self._pacer = pacer
        self._robots = robots
        self._idle = idle
        self._budget = budget
        self._max_redirects = max_redirects
        self._retries = retries
        self._backoff = backoff
        self._deadline = deadline
        self._active: dict[pycurl.Curl, Transfer] = {}
        self._awaiting_robots: dict[str, list[FetchTask]] = {}
        self._collect_results: deque[FetchResult] = deque()
        self._raw_hosts: set[str] = set()  # whose headers libcurl refuses
        self._exhausted = False
        self._next_check = 0.0
        self.consumer_time = 0.0
        pacer.start_run()

    def step(self, max_wait: float) -> bool:
        """Start what may start and move data for at most `max_wait` seconds; False at the end."""
        now = monotonic()
        if self._deadline is not None and now >= self._deadline:
            self._give_up()
            return False
        self._read_requests()
        self._start(now)
        self._resume()
        if not self._collect_results:
            self._wait(now, max_wait)
        pending = self._active or self._awaiting_robots or self._pacer.waiting
        return not self._exhausted or bool(pending)

    def pop_results(self) -> Iterator[FetchResult]:
        """Yield the results that are complete, each once."""
        while self._collect_results:
            result = self._collect_results.popleft()
            self._budget.used -= len(result.body or b"")
            yield result

    def close(self) -> None:
        """Drop every transfer that is still on its way."""
        for transfer in list(self._active.values()):
            self._release(transfer)
        deque(self._pacer.drain(), maxlen=0)
        deque(self._pacer.pop_refused(), maxlen=0)
        self._budget.used = 0

    def _read_requests(self) -> None:
        """Read on in the requests while few enough tasks are known."""
        while not self._exhausted:
            room = _LOOK_AHEAD - self._pacer.waiting - sum(map(len, self._awaiting_robots.values()))
            if room <= 0:
                return
            batch = list(islice(self._requests, min(room, 256)))
            self._exhausted = not batch
            for request in batch:
                self._accept(request)

    def _accept(self, request: FetchRequest) -> None:
        try:
            url = normalise(request.url)
        except BadUrl as error:
            self._decline(request, Failure(error.reason, error.detail))
            return
        self._admit(FetchTask(request, url, parse_target(url), monotonic()))

    def _decline(self, request: FetchRequest, failure: Failure) -> None:
        self._collect_results.append(
            FetchResult(request, request.url, None, {}, None, failure, 0.0, 0)
        )

    def _admit(self, task: FetchTask) -> None:
        """Queue a task at its host, once the address and robots.txt allow it."""
        now, robots = monotonic(), self._robots
        reason = self._policy.check_host(task.target.host, task.target.port)
        if reason:
            self._finish(task, explain_block(reason))
            return
        if robots and task.request.kind != "robots":
            missing = robots.find_missing(task.url)
            if missing:
                self._wait_for_robots(task, missing, now)
                return
            refusal = robots.find_refusal(task.url)
            if refusal:
                self._finish(task, refusal)
                return
            self._pacer.slow_down(task, robots.get_crawl_delay(task.url))
        self._pacer.add(task, now)

    def _wait_for_robots(self, task: FetchTask, robots_url: str, now: float) -> None:
        """Keep a task until the robots.txt of its origin is known."""
        tasks = self._awaiting_robots.setdefault(robots_url, [])
        tasks.append(task)
        if len(tasks) == 1:
            request = FetchRequest(robots_url, kind="robots", max_bytes=ROBOTS_MAX_BYTES)
            task = FetchTask(request, robots_url, parse_target(robots_url), now, internal=True)
            self._pacer.add(task, now, first=True)

    def _start(self, now: float) -> None:
        """Give idle handles to the tasks whose turn it is, while there is memory for bodies."""
        budget = self._budget
        while self._idle and (budget.used <= budget.limit or not self._active):
            task = self._pacer.pop_next(now)
            if task is None:
                break
            task.attempts += 1
            if task.mode == "plain" and task.target.authority in self._raw_hosts:
                task.mode = "raw"
            transfer = self._idle.pop()
            transfer.set_up(task, now - self.consumer_time, self._robots is not None)
            self._active[transfer.curl] = transfer
            transfer.start(self._loop)
        for task, failure in self._pacer.pop_refused():
            self._finish(task, failure)

    def _wait(self, now: float, max_wait: float) -> None:
        for moment in (self._pacer.get_next_moment(), self._deadline):
            if moment is not None:
                max_wait = min(max_wait, max(0.0, moment - now))
        for ended in self._loop.wait(min(max_wait, _CHECK_EVERY)):
            transfer = self._active[ended.curl]
            mode = transfer.find_other_mode(ended.code)
            if mode:
                self._ask_again(transfer, mode)
            else:
                self._conclude(transfer, transfer.explain_end(ended.code, ended.message))
        now = monotonic()
        if now >= self._next_check:
            self._next_check = now + _CHECK_EVERY
            for transfer in list(self._active.values()):
                overdue = transfer.check_time(now - self.consumer_time)
                if overdue:
                    self._conclude(transfer, overdue)

    def _resume(self) -> None:
        """Let paused transfers go on, as far as the consumer has made room."""
        budget = self._budget
        budget.oldest = next(iter(self._active.values()), None)
        for transfer in list(self._active.values()):
            if transfer.paused and (transfer is budget.oldest or budget.used <= budget.limit):
                transfer.resume(self._loop)

    def _conclude(self, transfer: Transfer, failure: Failure | None) -> None:
        """Free the handle, then follow, retry or deliver."""
        task, answer, now = transfer.task, transfer.answer, monotonic()
        self._release(transfer)
        body = answer.get_body() if failure is None else b""
        if failure is None and not body:
            failure = Failure("empty", "the answer has no body", answer.status)
        self._budget.used -= answer.received - len(body)
        self._pacer.finish(task, failure, now)
        reference = None
        if answer.head.complete and not answer.failure:
            reference = find_redirect(answer.status, answer.headers)
        if reference:
            self._budget.used -= len(body)
            failure = task.redirect(reference, answer.status, self._max_redirects)
            if failure:
                self._finish(task, failure)
            else:
                self._admit(task)
        elif failure is None or not self._retry(task, failure, answer.headers, now):
            self._finish(task, failure, body or None, answer.status, answer.headers)

    def _ask_again(self, transfer: Transfer, mode: FetchMode) -> None:
        """Put the same request in another way, which counts as the same attempt."""
        task = transfer.task
        self._budget.used -= transfer.answer.received
        self._release(transfer)
        self._pacer.finish(task, None, monotonic())
        if mode == "raw" and len(self._raw_hosts) < _MAX_RAW_HOSTS:
            self._raw_hosts.add(task.target.authority)
        task.mode, task.attempts = mode, task.attempts - 1
        self._pacer.add(task, monotonic(), first=True)

    def _retry(
        self, task: FetchTask, failure: Failure, headers: dict[str, str], now: float
    ) -> bool:
        """Queue another attempt if the failure may pass soon; heeds Retry-After for the host."""
        status = failure.http_status
        wait = parse_retry_after(headers) if status in (429, 503) else None
        if wait:
            self._pacer.close_until(task, now + wait)
        passing = failure.reason in RETRIED_REASONS or status in RETRIED_STATUS
        too_long = wait is not None and wait > self._pacer.max_wait
        if not passing or too_long or task.attempts > self._retries:
            return False
        delay = self._backoff * 2 ** (task.attempts - 1) * random.uniform(0.5, 1.5)
        self._pacer.add_later(task, now + max(delay, wait or 0.0))
        return True

    def _finish(
        self,
        task: FetchTask,
        failure: Failure | None,
        body: bytes | None = None,
        status: int | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Deliver a result, or learn from it when it is a robots.txt that we asked for."""
        status = status or (failure.http_status if failure else None)
        elapsed = monotonic() - task.began
        result = FetchResult(
            task.request, task.url, status, headers, body, failure, elapsed, task.attempts
        )
        if not (task.internal and self._robots):
            self._collect_results.append(result)
            return
        self._budget.used -= len(body or b"")
        self._robots.learn(result)
        for waiting in self._awaiting_robots.pop(task.request.url):
            self._admit(waiting)

    def _release(self, transfer: Transfer) -> None:
        """Take a handle out of the loop and put it back among the idle ones."""
        self._loop.stop(transfer.curl)
        del self._active[transfer.curl]
        transfer.clear_answer()
        self._idle.append(transfer)

    def _give_up(self) -> None:
        """Fail everything that is not complete at the deadline, as retryable."""
        tasks = [transfer.task for transfer in self._active.values()]
        for transfer in list(self._active.values()):
            self._budget.used -= transfer.answer.received
            self._release(transfer)
        tasks += self._pacer.drain()
        tasks += (task for task, _ in self._pacer.pop_refused())
        for waiting in self._awaiting_robots.values():
            tasks += waiting
        self._awaiting_robots.clear()
        for task in tasks:
            if not task.internal:
                self._finish(task, OUT_OF_TIME)
        for request in self._requests:
            self._decline(request, OUT_OF_TIME)
