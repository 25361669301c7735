"""Openverse: openly licensed images of many collections.

https://api.openverse.org/v1/ (`/v1/images/`), https://docs.openverse.org/api/reference/
authentication_and_throttling.html, https://docs.openverse.org/terms_of_service.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from shared.searching.answers import find_number, find_value, require_list
from shared.searching.engines import SearchQuery
from shared.searching.licenses import LICENSES, list_codes, make_deed_address
from shared.searching.names import EngineName
from shared.searching.results import SearchPage, SearchResult, make_result
from shared.settings import Settings

# What callers without an account get, and how deep anybody may page.
_PAGE_SIZE = 20
_PAGES = 20


@dataclass(frozen=True)
class Openverse:
    """Asked without a key."""

    name: ClassVar[EngineName] = "openverse"
    required: ClassVar[tuple[str, ...]] = ()
    first: ClassVar[int] = 1
    refusals: ClassVar[frozenset[int]] = frozenset()
    licenses: ClassVar[frozenset[str]] = LICENSES
    license_note: ClassVar[str] = ""

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def set_up(cls, settings: Settings) -> Self:
        """Return the engine at the address that settings name."""
        return cls(settings.openverse_url)

    def build_address(self, query: SearchQuery) -> str:
        """Ask for a page by its number; sensitive content stays out, as it does by default."""
        asked = {"q": query.words, "page": query.cursor, "page_size": _PAGE_SIZE}
        if query.license:
            asked["license"] = ",".join(list_codes(query.license))
        return f"{self.base_url}images/?{urlencode(asked)}"

    def read_page(self, answer: Any, query: SearchQuery) -> SearchPage:
        """Read `results`; `page_count` says how far it goes on."""
        results = [
            _read_result(one, rank)
            for rank, one in enumerate(require_list(answer, "results"), query.rank + 1)
        ]
        last = min(find_number(answer, "page_count") or 0, _PAGES)
        return SearchPage(results, query.cursor + 1 if query.cursor < last else None)


def _read_result(given: Any, rank: int) -> SearchResult:
    code, version = find_value(given, "license"), find_value(given, "license_version")
    deed = None
    if isinstance(code, str) and list_codes(code):
        deed = make_deed_address(code, version if isinstance(version, str) else "4.0")
    return make_result(
        rank,
        find_value(given, "url"),
        title=find_value(given, "title"),
        license=find_value(given, "license_url") or deed,
        attribution=find_value(given, "attribution"),
        creator=find_value(given, "creator"),
        creator_page=find_value(given, "creator_url"),
        source_page=find_value(given, "foreign_landing_url"),
        thumbnail=find_value(given, "thumbnail"),
        width=find_value(given, "width"),
        height=find_value(given, "height"),
    )
