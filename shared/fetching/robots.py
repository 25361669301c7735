"""The robots.txt of the sites met so far."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from shared.fetching.exchange import Failure, FetchResult
from shared.fetching.urls import normalise, parse_target
from shared.rights.directives import PRODUCT
from shared.rights.robots_rules import RobotsRules, parse_robots

_TRUSTED_FOR = 24 * 3600.0
_UNREACHABLE_FOR = 600.0
_RULES_PER_SITE = 10  # what an entry costs beside its rules


@dataclass(frozen=True, slots=True)
class _Site:
    rules: RobotsRules
    failure: Failure | None
    until: float

    @property
    def size(self) -> int:
        return self.rules.size + _RULES_PER_SITE


class RobotsCache:
    """The robots.txt of every origin met so far, each a day long (RFC 9309 §2.4).

    It does no I/O: the fetcher calls `find_missing` before the first request to an origin, fetches
    that address and hands the result to `learn`. Beyond `max_rules` those that were used the
    longest time ago are forgotten. `clock` gives seconds.
    """

    def __init__(
        self,
        product: str = PRODUCT,
        *,
        max_rules: int = 100_000,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.product = product
        self._max_rules = max_rules
        self._clock = clock
        self._sites: OrderedDict[str, _Site] = OrderedDict()
        self._size = 0

    def find_missing(self, url: str) -> str | None:
        """Return the robots.txt that must be fetched before `url`, or None when it is known."""
        origin = parse_target(url).origin
        site = self._sites.get(origin)
        return None if site and site.until > self._clock() else f"{origin}/robots.txt"

    def learn(self, result: FetchResult) -> None:
        """Take in the result of a request for a robots.txt.

        4xx and redirects to nowhere mean no rules (§2.3.1.2, 2.3.1.3). A server error, an
        unreachable host and, as Google has it, 429 forbid everything (§2.3.1.4), here for ten
        minutes.
        """
        now, error = self._clock(), result.error
        rules, failure, until = RobotsRules(), None, now + _TRUSTED_FOR
        if error is None:
            rules = parse_robots(result.body or b"", self.product)
        elif error.reason != "empty" and not _is_unavailable(error):
            reason = "robots" if error.http_status else error.reason
            detail = f"robots.txt could not be read: {error.detail}"
            failure = Failure(reason, detail, error.http_status, error.retryable)
            until = now + _UNREACHABLE_FOR
        self._store(
            parse_target(normalise(result.request.url)).origin, _Site(rules, failure, until)
        )

    def find_refusal(self, url: str) -> Failure | None:
        """Return why `url` may not be fetched, or None; LookupError for an unknown origin."""
        origin = parse_target(url).origin
        site = self._sites.get(origin)
        if site is None:
            raise LookupError(f"the robots.txt of {origin} was not fetched yet")
        self._sites.move_to_end(origin)
        if site.failure:
            return site.failure
        detail = site.rules.find_refusal(url.removeprefix(origin))
        return Failure("robots", detail) if detail else None

    def allows(self, url: str) -> bool:
        """Return whether `url` may be fetched. Raises LookupError for an unknown origin."""
        return self.find_refusal(normalise(url)) is None

    def get_crawl_delay(self, url: str) -> float:
        """Return the seconds that the site wants between two requests, 0 when it does not say."""
        site = self._sites.get(parse_target(url).origin)
        return site.rules.crawl_delay if site else 0.0

    def _store(self, origin: str, site: _Site) -> None:
        old = self._sites.pop(origin, None)
        self._size += site.size - (old.size if old else 0)
        self._sites[origin] = site
        while self._size > self._max_rules and len(self._sites) > 1:
            self._size -= self._sites.popitem(last=False)[1].size


def _is_unavailable(error: Failure) -> bool:
    status = error.http_status
    return status is not None and 300 <= status < 500 and status != 429
