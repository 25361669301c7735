"""Wishes of sites that count in one run: of their files, and of documents that answers name."""

from collections import defaultdict
from collections.abc import Collection
from hashlib import sha256
from itertools import chain

from shared.fetching.exchange import (
    CompleteAnswer,
    Failure,
    FetchRequest,
    FetchResult,
    FetchTask,
)
from shared.fetching.licence_links import find_linked_terms, resolve_terms
from shared.fetching.reservations import ReservationCache
from shared.fetching.robots import RobotsCache
from shared.fetching.urls import parse_target
from shared.rights.signals import RightsPolicy, find_refusal

_MAX_SITE_FILES = 32 * 1024 * 1024


class SiteWishes:
    """The wishes of sites under one policy; files that say so are kept in `site_files` by hash.

    A file may take `site_time` seconds, and all of one origin together twice as long.
    """

    def __init__(
        self,
        robots: RobotsCache,
        reservations: ReservationCache,
        site_files: dict[str, bytes],
        *,
        respect_robots: bool,
        rights: RightsPolicy,
        site_time: float,
    ) -> None:
        self._robots = robots
        self._reservations = reservations
        self._site_files = site_files
        self._respect_robots = respect_robots
        self._rights = rights
        self._site_time = site_time
        self._site_seconds: defaultdict[str, float] = defaultdict(float)  # by origin

    def find_missing(self, url: str) -> FetchRequest | None:
        """Return the request for a file of the site that must be known before `url` is asked."""
        heeds_rights = self._rights != "ignore"
        missing = self._robots.find_missing(url) if heeds_rights or self._respect_robots else None
        if missing or not heeds_rights:
            return missing
        if self._has_taken_long(url):
            return None  # a file that cannot be had says nothing
        return self._reservations.find_missing(url)

    def find_refusal(self, task: FetchTask) -> Failure | None:
        """Return why a task is not asked for, once the files of its site are known."""
        if not self._respect_robots and self._rights == "ignore":
            return None
        refusal = self._robots.find_refusal(task.url)
        signals = self._reservations.list_signals(task.url, is_forbidden=refusal is not None)
        task.signals = tuple(signals)
        if refusal and self._respect_robots:
            return refusal
        if self._rights == "ignore":
            return None
        # A reservation in an answer's header counts instead of the site's (TDMRep).
        final = [signal for signal in task.signals if signal.source != "tdmrep.json"]
        detail = find_refusal(final, "respect")
        return Failure("opted_out", detail) if detail else None

    def get_crawl_delay(self, url: str) -> float:
        """Return the seconds between two requests that the site asks for, 0 where none counts."""
        return self._robots.get_crawl_delay(url) if self._respect_robots else 0.0

    def get_policy(self, task: FetchTask) -> RightsPolicy:
        """Return what headers are held to: a permission may stand in what follows them.

        Sitemaps are for programs to find pages by, and sites put `noindex` on them to keep them
        themselves out of searches.
        """
        if task.request.kind == "sitemap":
            return "ignore"
        return "respect" if self._rights == "opt_in_only" else self._rights

    def find_terms(self, task: FetchTask, headers: dict[str, str], body: bytes) -> tuple[str, ...]:
        """Return the addresses of the RSL documents that an answer names, where they matter."""
        request = task.request
        if self._rights == "ignore" or not (request.kind == "image" or request.find_terms):
            return ()
        named = find_linked_terms(headers)
        if request.find_terms and body:
            named = chain(named, request.find_terms(task.url, headers, body))
        return resolve_terms(task.url, named)

    def find_missing_terms(self, task: FetchTask, answer: CompleteAnswer) -> FetchRequest | None:
        """Return the request for a document that an answer names and nobody has asked for yet."""
        if self._has_taken_long(task.url):
            return None
        return self._reservations.find_missing_terms(answer.terms)

    def judge_terms(self, task: FetchTask, answer: CompleteAnswer) -> Failure | None:
        """Return why an answer is not delivered, by the documents that it names."""
        task.signals += tuple(self._reservations.list_linked_signals(task.url, answer.terms))
        detail = find_refusal(task.signals, "respect")
        return Failure("opted_out", detail, answer.status) if detail else None

    def find_overdue(self, task: FetchTask, now: float) -> Failure | None:
        """Return that a file about a site has taken too long, or None; `now` is the run's clock."""
        if not task.internal:
            return None
        if task.first_started is None:
            task.first_started = now
        if now - task.first_started < self._site_time:
            return None
        detail = f"not complete after {self._site_time:g} s and {task.hops} redirects"
        return Failure("timeout", detail, retryable=True)

    def learn(self, result: FetchResult, seconds: float, origins: Collection[str]) -> None:
        """Take in a file, for which these origins had to wait for so many seconds."""
        body = result.body or b""
        if body and sum(map(len, self._site_files.values())) + len(body) <= _MAX_SITE_FILES:
            self._site_files[sha256(body).hexdigest()] = body
        for origin in origins:
            self._site_seconds[origin] += seconds
        if result.request.kind == "robots":
            self._robots.learn(result)
        else:
            self._reservations.learn(result)

    def _has_taken_long(self, url: str) -> bool:
        return self._site_seconds[parse_target(url).origin] >= 2 * self._site_time
