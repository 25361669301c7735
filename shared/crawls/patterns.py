"""Patterns of addresses: which pages to read, and what to leave out."""

from collections.abc import Iterable, Mapping
from itertools import chain
from math import inf
from typing import Any

from shared.fetching.urls import parse_target
from shared.rights.path_rules import PathPatterns


class AddressPatterns:
    """Patterns as `shared.schemas.sources.PagesSource` describes them, for normalised addresses.

    Each is matched by searching its literal parts from left to right, which never goes back.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        # Characters beyond ASCII are compared by their bytes, escaped as in addresses.
        spelt = [pattern.encode().decode("latin-1") for pattern in patterns]
        self._of_paths = PathPatterns((one for one in spelt if one[0] == "/"), max_effort=inf)
        self._of_addresses = PathPatterns((one for one in spelt if one[0] != "/"), max_effort=inf)

    def __bool__(self) -> bool:
        return bool(self._of_paths.size or self._of_addresses.size)

    def fit(self, url: str) -> bool:
        """Return whether one of the patterns fits an address."""
        path = url.removeprefix(parse_target(url).origin)
        found = chain(self._of_paths.find_all(path), self._of_addresses.find_all(url))
        return next(found, None) is not None


class AddressChoice:
    """The pages and images that a source of pages includes and excludes."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self._included = AddressPatterns(source.get("include", ()))
        self._excluded = AddressPatterns(source.get("exclude", ()))

    def excludes(self, url: str) -> bool:
        """Return whether an address, of an image or a page, is to be left out."""
        return self._excluded.fit(url)

    def takes_page(self, url: str) -> bool:
        """Return whether a page that something leads to is to be read."""
        return (not self._included or self._included.fit(url)) and not self.excludes(url)
