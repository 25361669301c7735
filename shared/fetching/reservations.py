"""Reads what sites say in files about the use of their content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic
from typing import Generic, TypeVar

from shared.fetching.exchange import FetchRequest, FetchResult
from shared.fetching.remembering import SizedMemory
from shared.fetching.robots import SIZE_OF_SITE, TRUSTED_FOR, RobotsCache, RobotsFile
from shared.fetching.urls import BadUrl, parse_target, resolve
from shared.rights import rsl, tdmrep
from shared.rights.answers import describe_terms
from shared.rights.rsl import RslTerms, parse_rsl
from shared.rights.signals import MAX_VALUE, RightsSignal
from shared.rights.tdmrep import TdmRules, parse_tdmrep

Terms = TypeVar("Terms")
_TDMREP = "/.well-known/tdmrep.json"


@dataclass(frozen=True, slots=True)
class _SiteFile(Generic[Terms]):
    terms: Terms
    evidence: str


class ReservationCache:
    """The `tdmrep.json` and RSL documents of the sites met so far, each a day long.

    Like `RobotsCache`, whose files name the RSL documents, it does no I/O. A file that cannot be
    had says nothing. `max_rules` bounds each kind, `clock` gives seconds.
    """

    def __init__(
        self,
        robots: RobotsCache,
        *,
        max_rules: int = 100_000,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._robots = robots
        self._reservations: SizedMemory[_SiteFile[TdmRules]] = SizedMemory(max_rules, clock)
        self._licences: SizedMemory[_SiteFile[RslTerms]] = SizedMemory(max_rules, clock)

    def find_missing(self, url: str) -> FetchRequest | None:
        """Return the next request that must come before `url`, whose robots.txt is known."""
        origin = parse_target(url).origin
        if self._robots.get_file(url).failure:
            return None
        if not self._reservations.find(origin):
            return FetchRequest(f"{origin}{_TDMREP}", kind="tdmrep", max_bytes=tdmrep.MAX_BYTES)
        return self.find_missing_terms(self._list_licences(url))

    def find_missing_terms(self, addresses: Iterable[str]) -> FetchRequest | None:
        """Return the next request for RSL documents that an answer names, or None."""
        for address in addresses:
            if not self._licences.find(address):
                return FetchRequest(address, kind="rsl", max_bytes=rsl.MAX_BYTES)
        return None

    def learn(self, result: FetchResult) -> None:
        """Take in the result of such a request."""
        data, url = result.body or b"", result.request.url
        evidence = sha256(data).hexdigest()
        if result.request.kind == "tdmrep":
            rules = parse_tdmrep(data)
            size = rules.size + SIZE_OF_SITE
            key = parse_target(url).origin
            self._reservations.keep(key, _SiteFile(rules, evidence), size, TRUSTED_FOR)
        else:
            terms = parse_rsl(data)
            size = terms.size + SIZE_OF_SITE
            self._licences.keep(url, _SiteFile(terms, evidence), size, TRUSTED_FOR)

    def list_signals(self, url: str, *, is_forbidden: bool = False) -> list[RightsSignal]:
        """Return what the files of its site, robots.txt first, say about the use of `url`.

        `is_forbidden` is what `RobotsCache.find_refusal` found, which takes time to find.
        """
        origin = parse_target(url).origin
        path = url.removeprefix(origin)
        file = self._robots.get_file(url)
        verdict = f"forbids {path}" if is_forbidden else "allows the address"
        signals = [_describe_robots(file, f"{origin}/robots.txt", verdict)]
        usage = file.rules.find_usage(path)
        if usage is not None:
            value = f"train-ai={'y' if usage else 'n'}"
            signals.append(
                RightsSignal("content-usage", value, usage, signals[0].address, file.evidence)
            )
        return [*signals, *self._list_reservations(origin, path), *self._list_terms(url, path)]

    def list_linked_signals(self, url: str, addresses: Iterable[str]) -> Iterator[RightsSignal]:
        """Yield what RSL documents that the answer of `url` names say about its use."""
        origin = parse_target(url).origin
        for address in addresses:
            file = self._licences.get(address)
            allows = file.terms.find(origin, url.removeprefix(origin)) if file else None
            if file and allows is not None:
                yield describe_terms(allows, address, file.evidence)
            else:
                value = "the linked terms could not be read, or say nothing about this"
                yield RightsSignal("rsl", value, None, address)

    def _list_reservations(self, origin: str, path: str) -> Iterator[RightsSignal]:
        file = self._reservations.get(origin)
        allows = file.terms.find(path) if file else None
        if file and allows is not None:
            value, address = f"tdm-reservation={int(not allows)}", f"{origin}{_TDMREP}"
            yield RightsSignal("tdmrep.json", value, allows, address, file.evidence)

    def _list_terms(self, url: str, path: str) -> Iterator[RightsSignal]:
        for address in self._list_licences(url):
            file = self._licences.get(address)
            allows = file.terms.find(parse_target(url).origin, path) if file else None
            if file and allows is not None:
                yield describe_terms(allows, address, file.evidence)

    def _list_licences(self, url: str) -> Iterator[str]:
        for reference in self._robots.get_file(url).rules.licenses:
            with suppress(BadUrl):
                yield resolve(url, reference)


def _describe_robots(file: RobotsFile, address: str, verdict: str) -> RightsSignal:
    """Return what a robots.txt says about an address, which says nothing about its use."""
    if file.failure:
        return RightsSignal("robots.txt", "could not be read", None, address)
    if file.evidence is None:
        return RightsSignal("robots.txt", "is not there", None, address)
    return RightsSignal("robots.txt", verdict[:MAX_VALUE], None, address, file.evidence)
