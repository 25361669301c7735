"""Unsplash: photographs under its own licence, each download of which it wants to be told of.

https://unsplash.com/documentation#search-photos, https://unsplash.com/documentation#rate-limiting,
https://help.unsplash.com/en/articles/2511245-unsplash-api-guidelines (hotlinks, downloads, credit).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from shared.fetching.urls import BadUrl, normalise
from shared.searching.answers import find_number, find_value, require_list
from shared.searching.engines import SearchQuery
from shared.searching.names import EngineName
from shared.searching.results import SearchPage, SearchResult, limit_text, make_result
from shared.settings import Settings

_PAGE_SIZE = 30  # the most
_LICENSE = "https://unsplash.com/license"


@dataclass(frozen=True)
class Unsplash:
    """Asked with an access key in a header."""

    name: ClassVar[EngineName] = "unsplash"
    required: ClassVar[tuple[str, ...]] = ("unsplash_key",)
    first: ClassVar[int] = 1
    refusals: ClassVar[frozenset[int]] = frozenset({401, 403})
    licenses: ClassVar[frozenset[str]] = frozenset()
    license_note: ClassVar[str] = "all its images are under the licence of Unsplash"

    base_url: str
    headers: Mapping[str, str]

    @classmethod
    def set_up(cls, settings: Settings) -> Self:
        """Return the engine at the address and with the key that settings name."""
        key = (settings.unsplash_key or "").strip()
        headers = {"Authorization": f"Client-ID {key}", "Accept-Version": "v1"}
        return cls(f"{settings.unsplash_url.rstrip('/')}/", headers)

    def build_address(self, query: SearchQuery) -> str:
        """Ask for a page by its number."""
        asked = {"query": query.words, "page": query.cursor, "per_page": _PAGE_SIZE}
        return f"{self.base_url}search/photos?{urlencode(asked)}"

    def read_page(self, answer: Any, query: SearchQuery) -> SearchPage:
        """Read `results`, whose images are fetched from their `urls` as the guidelines ask.

        `links.download_location` wants to be asked for before.
        """
        results = [
            self._read_result(one, rank)
            for rank, one in enumerate(require_list(answer, "results"), query.rank + 1)
        ]
        last = find_number(answer, "total_pages") or 0
        return SearchPage(results, query.cursor + 1 if query.cursor < last and results else None)

    def _read_result(self, given: Any, rank: int) -> SearchResult:
        name = limit_text(find_value(given, "user", "name"), 200)
        notice = find_value(given, "links", "download_location")
        if not isinstance(notice, str) or not _is_below(notice, self.base_url):
            notice = None  # the key goes to the engine alone
        url = find_value(given, "urls", "full") if notice else None
        return make_result(
            rank,
            url,
            title=find_value(given, "description") or find_value(given, "alt_description"),
            license=_LICENSE,
            attribution=f"Photo by {name} on Unsplash" if name else "Photo on Unsplash",
            creator=name,
            creator_page=find_value(given, "user", "links", "html"),
            source_page=find_value(given, "links", "html"),
            notice=notice,
            thumbnail=find_value(given, "urls", "thumb"),
            width=find_value(given, "width"),
            height=find_value(given, "height"),
        )


def _is_below(address: str, base_url: str) -> bool:
    """Return whether an address is of the same origin, and its path within that of the base."""
    try:
        # Normalised, an origin ends where the path begins, and the path of the base in a slash.
        return normalise(address).startswith(normalise(base_url))
    except BadUrl:
        return False
