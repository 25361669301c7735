"""Pexels: photographs under its own licence.

https://www.pexels.com/api/documentation/, https://www.pexels.com/license/.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from shared.searching.answers import find_value, require_list
from shared.searching.engines import SearchQuery
from shared.searching.names import EngineName
from shared.searching.results import SearchPage, SearchResult, limit_text, make_result
from shared.settings import Settings

_PAGE_SIZE = 80  # the most
_LICENSE = "https://www.pexels.com/license/"


@dataclass(frozen=True)
class Pexels:
    """Asked with an API key in a header."""

    name: ClassVar[EngineName] = "pexels"
    required: ClassVar[tuple[str, ...]] = ("pexels_key",)
    first: ClassVar[int] = 1
    refusals: ClassVar[frozenset[int]] = frozenset({401, 403})
    licenses: ClassVar[frozenset[str]] = frozenset()
    license_note: ClassVar[str] = "all its images are under the licence of Pexels"

    base_url: str
    headers: Mapping[str, str]

    @classmethod
    def set_up(cls, settings: Settings) -> Self:
        """Return the engine at the address and with the key that settings name."""
        return cls(settings.pexels_url, {"Authorization": (settings.pexels_key or "").strip()})

    def build_address(self, query: SearchQuery) -> str:
        """Ask for a page by its number."""
        asked = {"query": query.words, "page": query.cursor, "per_page": _PAGE_SIZE}
        return f"{self.base_url}search?{urlencode(asked)}"

    def read_page(self, answer: Any, query: SearchQuery) -> SearchPage:
        """Read `photos`; a `next_page` is there as long as there is one."""
        photos = require_list(answer, "photos")
        results = [_read_result(one, rank) for rank, one in enumerate(photos, query.rank + 1)]
        more = find_value(answer, "next_page") and photos
        return SearchPage(results, query.cursor + 1 if more else None)


def _read_result(given: Any, rank: int) -> SearchResult:
    name = limit_text(find_value(given, "photographer"), 200)
    return make_result(
        rank,
        find_value(given, "src", "original"),
        title=find_value(given, "alt"),
        license=_LICENSE,
        attribution=f"Photo by {name} on Pexels" if name else "Photo on Pexels",
        creator=name,
        creator_page=find_value(given, "photographer_url"),
        source_page=find_value(given, "url"),
        thumbnail=find_value(given, "src", "medium"),
        width=find_value(given, "width"),
        height=find_value(given, "height"),
    )
