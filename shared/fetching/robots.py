"""The robots.txt of sites, read as RFC 9309 has it."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from protego import Protego

from shared.fetching.directives import PRODUCT
from shared.fetching.exchange import Failure, FetchResult
from shared.fetching.urls import normalise, target

MAX_BYTES = 512 * 1024
_TRUSTED_FOR = 24 * 3600.0
_UNREACHABLE_FOR = 600.0


@dataclass(frozen=True, slots=True)
class _Site:
    rules: Protego | None
    failure: Failure | None
    until: float


class RobotsCache:
    """The robots.txt of every origin met so far, each a day long (RFC 9309 §2.4).

    It does no I/O: the fetcher calls `find_missing` before the first request to an origin, fetches
    that address and hands the result to `learn`.
    """

    def __init__(self, product: str = PRODUCT) -> None:
        self.product = product
        self._sites: dict[str, _Site] = {}

    def find_missing(self, url: str) -> str | None:
        """Return the robots.txt that must be fetched before `url`, or None when it is known."""
        origin = target(url).origin
        site = self._sites.get(origin)
        return None if site and site.until > monotonic() else f"{origin}/robots.txt"

    def learn(self, result: FetchResult) -> None:
        """Take in the result of a request for a robots.txt.

        4xx and redirects to nowhere mean no rules (§2.3.1.2, 2.3.1.3). A server error, an
        unreachable host and, as Google has it, 429 forbid everything (§2.3.1.4), here for ten
        minutes.
        """
        now, error = monotonic(), result.error
        if error is None:
            text = (result.body or b"").decode("utf-8", "replace").removeprefix("\ufeff")
            site = _Site(Protego.parse(text), None, now + _TRUSTED_FOR)
        elif error.reason == "empty" or _is_unavailable(error):
            site = _Site(None, None, now + _TRUSTED_FOR)
        else:
            reason = "robots" if error.http_status else error.reason
            detail = f"robots.txt could not be read: {error.detail}"
            failure = Failure(reason, detail, error.http_status, error.retryable)
            site = _Site(None, failure, now + _UNREACHABLE_FOR)
        self._sites[target(normalise(result.request.url)).origin] = site

    def find_refusal(self, url: str) -> Failure | None:
        """Return why `url` may not be fetched, or None; LookupError for an unknown origin."""
        site = self._site(url)
        if site.failure:
            return site.failure
        if site.rules and not site.rules.can_fetch(url, self.product):
            return Failure("robots", "the site's robots.txt forbids this address")
        return None

    def allows(self, url: str) -> bool:
        """Return whether `url` may be fetched. Raises LookupError for an unknown origin."""
        return self.find_refusal(normalise(url)) is None

    def get_crawl_delay(self, url: str) -> float:
        """Return the seconds that the site wants between two requests, 0 when it does not say."""
        site = self._sites.get(target(normalise(url)).origin)
        if not site or not site.rules:
            return 0.0
        return max(0.0, float(site.rules.crawl_delay(self.product) or 0.0))

    def _site(self, url: str) -> _Site:
        origin = target(url).origin
        if origin not in self._sites:
            raise LookupError(f"the robots.txt of {origin} was not fetched yet")
        return self._sites[origin]


def _is_unavailable(error: Failure) -> bool:
    status = error.http_status
    return status is not None and 300 <= status < 500 and status != 429
