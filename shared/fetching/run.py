"""One call of `Fetcher.fetch_all`: from requests to results over redirects and retries."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
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
    SITE_FILES,
    CompleteAnswer,
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
from shared.fetching.transfer import Transfer
from shared.fetching.urls import BadUrl, normalise, parse_target
from shared.fetching.wishes import SiteWishes

_LOOK_AHEAD = 2048
_MAX_RAW_HOSTS = 1000
_CHECK_EVERY = 0.25
_ANSWER_SOON = 0.005
_TRY_LATER = 60.0


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
        wishes: SiteWishes,
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
        self._wishes = wishes
        self._idle = idle
        self._budget = budget
        self._max_redirects = max_redirects
        self._retries = retries
        self._backoff = backoff
        self._deadline = deadline
        self._active: dict[pycurl.Curl, Transfer] = {}
        self._awaiting_rules: dict[str, list[FetchTask]] = {}
        self._results: deque[FetchResult] = deque()
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
        self._pacer.exchange(now)
        self._start(now)
        self._resume()
        if not self._results:
            self._wait(now, max_wait)
        pending = self._active or self._awaiting_rules or self._pacer.waiting
        return not self._exhausted or bool(pending)

    def pop_results(self) -> Iterator[FetchResult]:
        """Yield the results that are complete, each once."""
        while self._results:
            result = self._results.popleft()
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
            room = _LOOK_AHEAD - self._pacer.waiting - sum(map(len, self._awaiting_rules.values()))
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
        self._results.append(FetchResult(request, request.url, None, {}, None, failure, 0.0, 0))

    def _admit(self, task: FetchTask) -> None:
        """Queue a task at its host, once the address and robots.txt allow it."""
        now = monotonic()
        if task.answer:
            self._obey_terms(task, task.answer)
            return
        reason = self._policy.check_host(task.target.host, task.target.port)
        if reason:
            self._finish(task, explain_block(reason))
            return
        if task.request.kind not in SITE_FILES:
            missing = self._wishes.find_missing(task.url)
            if missing:
                self._wait_for_rules(task, missing, now)
                return
            refusal = self._wishes.find_refusal(task)
            if refusal:
                self._finish(task, refusal)
                return
            self._pacer.slow_down(task, self._wishes.get_crawl_delay(task.url))
        self._pacer.add(task, now)

    def _wait_for_rules(self, task: FetchTask, missing: FetchRequest, now: float) -> None:
        """Keep a task until a file of its site is known."""
        tasks = self._awaiting_rules.setdefault(missing.url, [])
        tasks.append(task)
        if len(tasks) == 1:
            target = parse_target(missing.url)
            internal = FetchTask(missing, missing.url, target, now, internal=True)
            reason = self._policy.check_host(target.host, target.port)
            if reason:
                self._finish(internal, explain_block(reason))
            else:
                self._pacer.add(internal, now, first=True)

    def _start(self, now: float) -> None:
        """Give idle handles to the tasks whose turn it is, while there is memory for bodies."""
        budget = self._budget
        while self._idle and (budget.used <= budget.limit or not self._active):
            task = self._pacer.pop_next(now)
            if task is None:
                break
            overdue = self._wishes.find_overdue(task, now - self.consumer_time)
            if overdue:
                self._pacer.take_back(task, now)
                self._finish(task, overdue)
                continue
            task.attempts += 1
            if task.mode == "plain" and task.target.authority in self._raw_hosts:
                task.mode = "raw"
            transfer = self._idle.pop()
            transfer.set_up(task, now - self.consumer_time, self._wishes.get_policy(task))
            self._active[transfer.curl] = transfer
            transfer.start(self._loop)
        for task, failure in self._pacer.pop_refused():
            self._finish(task, failure)

    def _wait(self, now: float, max_wait: float) -> None:
        for moment in (self._pacer.get_next_moment(), self._deadline):
            if moment is not None:
                max_wait = min(max_wait, max(0.0, moment - now))
        if self._pacer.awaits_others:
            max_wait = min(max_wait, _ANSWER_SOON)
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
                clock = now - self.consumer_time
                overdue = transfer.check_time(clock) or self._wishes.find_overdue(
                    transfer.task, clock
                )
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
        if answer.is_about_another:
            task.wants_body = True
            self._ask_again(transfer, task.mode)
            return
        self._release(transfer)
        body = answer.get_body() if failure is None else b""
        if failure is None and not body and not answer.is_unchanged:
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
            return
        final = self._retry(task, failure, answer.headers, now) if failure else None
        if failure is None or final is not None:
            task.signals = answer.signals
            if failure is None and (terms := self._wishes.find_terms(task, answer.headers, body)):
                task.answer = CompleteAnswer(body, answer.status, answer.headers, terms)
                self._admit(task)
            else:
                self._finish(task, final, body or None, answer.status, answer.headers)

    def _obey_terms(self, task: FetchTask, answer: CompleteAnswer) -> None:
        """Deliver an answer once the terms that it names are known, or refuse it by them."""
        missing = self._wishes.find_missing_terms(task, answer)
        if missing:
            self._wait_for_rules(task, missing, monotonic())
            return
        failure = self._wishes.judge_terms(task, answer)
        if failure:
            self._budget.used -= len(answer.body)
        body = None if failure else answer.body or None
        self._finish(task, failure, body, answer.status, answer.headers)

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
    ) -> Failure | None:
        """Queue another attempt if the failure may pass soon; else return the failure.

        Retry-After is heeded for the host. What has to wait for longer says so.
        """
        status = failure.http_status
        wait = parse_retry_after(headers) if status in (429, 503) else None
        if wait:
            self._pacer.close_until(task, now + wait)
        if failure.reason not in RETRIED_REASONS and status not in RETRIED_STATUS:
            return failure
        if wait is not None and wait > self._pacer.max_wait:
            return replace(failure, wait=wait)
        if task.attempts > self._retries:
            return replace(failure, wait=_TRY_LATER) if status == 429 else failure
        delay = self._backoff * 2 ** (task.attempts - 1) * random.uniform(0.5, 1.5)
        self._pacer.add_later(task, now + max(delay, wait or 0.0))
        return None

    def _finish(
        self,
        task: FetchTask,
        failure: Failure | None,
        body: bytes | None = None,
        status: int | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Deliver a result, or learn from it when it is a file that the fetcher asked for."""
        status = status or (failure.http_status if failure else None)
        elapsed = monotonic() - task.began
        result = FetchResult(
            *(task.request, task.url, status, headers, body, failure, elapsed, task.attempts),
            signals=task.signals,
        )
        if not task.internal:
            self._results.append(result)
            return
        self._budget.used -= len(body or b"")
        awaiting = self._awaiting_rules.pop(task.request.url)
        if failure and failure.wait is not None:  # nothing is known yet
            for waiting in awaiting:
                self._budget.used -= len(waiting.answer.body) if waiting.answer else 0
                self._finish(waiting, failure)
            return
        seconds = 0.0
        if task.first_started is not None:
            seconds = monotonic() - self.consumer_time - task.first_started
        self._wishes.learn(result, seconds, {waiting.target.origin for waiting in awaiting})
        for waiting in awaiting:
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
        for waiting in self._awaiting_rules.values():
            tasks += waiting
        self._awaiting_rules.clear()
        for task in tasks:
            if not task.internal:
                self._finish(task, OUT_OF_TIME)
        for request in self._requests:
            self._decline(request, OUT_OF_TIME)
