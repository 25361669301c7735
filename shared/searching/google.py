"""Google Programmable Search: images of the web, by the Custom Search JSON API.

https://developers.google.com/custom-search/v1/reference/rest/v1/cse/list,
https://developers.google.com/custom-search/v1/overview (quota, and its end on 1 January 2027).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from shared.searching.answers import MalformedAnswer, find_value
from shared.searching.engines import SearchQuery
from shared.searching.names import EngineName
from shared.searching.results import SearchPage, SearchResult, make_result
from shared.settings import Settings

_PAGE_SIZE = 10  # the most
_DEEPEST = 100  # results of one search
# The parameter `rights`: what an image must and must not be marked with.
_RIGHTS = {
    "public-domain": "cc_publicdomain",
    "by": "cc_attribute",
    "by-sa": "cc_sharealike",
    "by-nc": "cc_noncommercial",
    "by-nd": "cc_nonderived",
    "commercial": "(cc_publicdomain|cc_attribute|cc_sharealike|cc_nonderived).-(cc_noncommercial)",
    "modification": "(cc_publicdomain|cc_attribute|cc_sharealike|cc_noncommercial)"
    ".-(cc_nonderived)",
    "commercial-modification": "(cc_publicdomain|cc_attribute|cc_sharealike)"
    ".-(cc_noncommercial|cc_nonderived)",
}


@dataclass(frozen=True)
class GoogleSearch:
    """Asked with an API key, which stands in the address, for one programmable search engine."""

    name: ClassVar[EngineName] = "google"
    required: ClassVar[tuple[str, ...]] = ("google_key", "google_engine")
    first: ClassVar[int] = 1
    refusals: ClassVar[frozenset[int]] = frozenset({400, 401, 403})
    licenses: ClassVar[frozenset[str]] = frozenset(_RIGHTS)
    license_note: ClassVar[str] = (
        "it tells only some apart, public-domain and commercial among them"
    )

    base_url: str
    key: str
    engine: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def set_up(cls, settings: Settings) -> Self:
        """Return the engine at the address and with the key that settings name."""
        key, engine = settings.google_key or "", settings.google_engine or ""
        return cls(settings.google_url, key.strip(), engine.strip())

    def build_address(self, query: SearchQuery) -> str:
        """Ask for ten images from a place on, the first being 1."""
        asked = {
            "key": self.key,
            "cx": self.engine,
            "q": query.words,
            "searchType": "image",
            "num": _PAGE_SIZE,
            "start": query.cursor,
        }
        if query.license:
            asked["rights"] = _RIGHTS[query.license]
        return f"{self.base_url}?{urlencode(asked)}"

    def read_page(self, answer: Any, query: SearchQuery) -> SearchPage:
        """Read `items`, which is left out where nothing was found."""
        if not isinstance(answer, dict):
            raise MalformedAnswer("the answer is no object")
        items = answer.get("items", [])
        if not isinstance(items, list):
            raise MalformedAnswer("the answer has no list of items")
        results = [_read_result(one, rank) for rank, one in enumerate(items, query.rank + 1)]
        following = query.cursor + _PAGE_SIZE
        more = find_value(answer, "queries", "nextPage") and items and following < _DEEPEST
        return SearchPage(results, following if more else None)


def _read_result(given: Any, rank: int) -> SearchResult:
    """Read an item. Whose image it is and under which licence, Google does not say."""
    return make_result(
        rank,
        find_value(given, "link"),
        title=find_value(given, "title"),
        source_page=find_value(given, "image", "contextLink"),
        thumbnail=find_value(given, "image", "thumbnailLink"),
        width=find_value(given, "image", "width"),
        height=find_value(given, "image", "height"),
    )
