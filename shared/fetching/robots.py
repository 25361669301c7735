"""The robots.txt of the sites met so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic

from shared.fetching.exchange import Failure, FetchRequest, FetchResult
from shared.fetching.remembering import SizedMemory
from shared.fetching.urls import normalise, parse_target
from shared.rights.directives import PRODUCT
from shared.rights.robots_rules import MAX_BYTES, RobotsRules, parse_robots

TRUSTED_FOR = 24 * 3600.0
SIZE_OF_SITE = 10  # what an entry costs beside its rules
_UNREACHABLE_FOR = 600.0


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """A site's robots.txt as far as it is known; `evidence` is the SHA-256 of the file, if any.

    `failure` is why nothing of the site may be fetched at all.
    """

    rules: RobotsRules = RobotsRules()  # noqa: RUF009 (frozen)
    failure: Failure | None = None
    evidence: str | None = None


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
        self._files: SizedMemory[RobotsFile] = SizedMemory(max_rules, clock)

    def find_missing(self, url: str) -> FetchRequest | None:
        """Return the request for the robots.txt that must come before `url`, or None."""
        origin = parse_target(url).origin
        if self._files.find(origin):
            return None
        return FetchRequest(f"{origin}/robots.txt", kind="robots", max_bytes=MAX_BYTES)

    def learn(self, result: FetchResult) -> None:
        """Take in the result of a request for a robots.txt.

        4xx and redirects to nowhere mean no rules (§2.3.1.2, 2.3.1.3). A server error, an
        unreachable host and, as Google has it, 429 forbid everything (§2.3.1.4), here for ten
        minutes.
        """
        error, seconds = result.error, TRUSTED_FOR
        file = RobotsFile()
        if error is None:
            data = result.body or b""
            file = RobotsFile(parse_robots(data, self.product), None, sha256(data).hexdigest())
        elif error.reason != "empty" and not _is_unavailable(error):
            reason = "robots" if error.http_status else error.reason
            detail = f"robots.txt could not be read: {error.detail}"
            failure = Failure(reason, detail, error.http_status, error.retryable)
            file, seconds = RobotsFile(failure=failure), _UNREACHABLE_FOR
        origin = parse_target(normalise(result.request.url)).origin
        self._files.keep(origin, file, file.rules.size + SIZE_OF_SITE, seconds)

    def get_file(self, url: str) -> RobotsFile:
        """Return what is known of the robots.txt for `url`; LookupError for an unknown origin."""
        origin = parse_target(url).origin
        file = self._files.get(origin)
        if file is None:
            raise LookupError(f"the robots.txt of {origin} was not fetched yet")
        return file

    def find_refusal(self, url: str) -> Failure | None:
        """Return why `url` may not be fetched, or None; LookupError for an unknown origin."""
        file = self.get_file(url)
        if file.failure:
            return file.failure
        detail = file.rules.find_refusal(url.removeprefix(parse_target(url).origin))
        return Failure("robots", detail) if detail else None

    def allows(self, url: str) -> bool:
        """Return whether `url` may be fetched. Raises LookupError for an unknown origin."""
        return self.find_refusal(normalise(url)) is None

    def get_crawl_delay(self, url: str) -> float:
        """Return the seconds that the site wants between two requests, 0 when it does not say."""
        return self.get_file(url).rules.crawl_delay


def _is_unavailable(error: Failure) -> bool:
    status = error.http_status
    return status is not None and 300 <= status < 500 and status != 429
