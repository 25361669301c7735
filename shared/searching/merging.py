"""The results of several engines in one order: first the first of each, then the second."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from shared.fetching.urls import BadUrl, normalise
from shared.searching.results import SearchResult


def merge_results(
    found: Mapping[str, Sequence[SearchResult]],
) -> Iterator[tuple[str, SearchResult]]:
    """Yield engines and results in turn; an address that comes again is passed over."""
    seen: set[str] = set()
    for turn in zip_longest(*found.values()):
        for engine, result in zip(found, turn, strict=True):
            if result is None:
                continue
            if result.reason is None:
                address = identify_address(result.url)
                if address in seen:
                    continue
                seen.add(address)
            yield engine, result


def identify_address(url: str) -> str:
    """Return an address in the spelling by which two are known to be the same."""
    try:
        return normalise(url)
    except BadUrl:
        return url
