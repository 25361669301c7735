"""Flickr: photographs of its members, by `flickr.photos.search`.

https://www.flickr.com/services/api/flickr.photos.search.html,
https://www.flickr.com/services/api/flickr.photos.licenses.getInfo.html,
https://www.flickr.com/services/api/response.json.html, https://www.flickr.com/services/api/tos/.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from shared.searching.answers import find_number, find_value, require_list
from shared.searching.engines import SearchError, SearchQuery
from shared.searching.licenses import LICENSES, list_codes, make_deed_address
from shared.searching.names import EngineName
from shared.searching.results import SearchPage, SearchResult, limit_text, make_result
from shared.settings import Settings

_PAGE_SIZE = 100
_DEEPEST = 4000  # results of one search
# Ids of flickr.photos.licenses.getInfo, by our code: the first of version 2.0, the second of 4.0.
_LICENSES = {
    "by-nc-sa": (1, 15),
    "by-nc": (2, 14),
    "by-nc-nd": (3, 16),
    "by": (4, 11),
    "by-sa": (5, 12),
    "by-nd": (6, 13),
    "cc0": (9,),
    "pdm": (10,),
}
_DEEDS = {
    number: make_deed_address(code, version)
    for code, numbers in _LICENSES.items()
    for number, version in zip(numbers, ("2.0", "4.0"), strict=False)
} | {
    0: "All Rights Reserved",
    7: "https://www.flickr.com/commons/usage/",
    8: "https://www.usa.gov/government-copyright",
}
_SIZES = ("url_o", "url_k", "url_h", "url_l", "url_c", "url_z", "url_m")  # the largest first
_KEY_REFUSED = 100
_UNAVAILABLE = frozenset({10, 105, 106})


@dataclass(frozen=True)
class Flickr:
    """Asked with an API key, which stands in the address."""

    name: ClassVar[EngineName] = "flickr"
    required: ClassVar[tuple[str, ...]] = ("flickr_key",)
    first: ClassVar[int] = 1
    refusals: ClassVar[frozenset[int]] = frozenset({401, 403})
    licenses: ClassVar[frozenset[str]] = LICENSES
    license_note: ClassVar[str] = ""

    base_url: str
    key: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def set_up(cls, settings: Settings) -> Self:
        """Return the engine at the address and with the key that settings name."""
        return cls(settings.flickr_url, (settings.flickr_key or "").strip())

    def build_address(self, query: SearchQuery) -> str:
        """Ask for a page of safe photographs by its number, the most relevant first."""
        asked = {
            "method": "flickr.photos.search",
            "api_key": self.key,
            "format": "json",
            "nojsoncallback": 1,
            "text": query.words,
            "sort": "relevance",
            "media": "photos",
            "safe_search": 1,
            "per_page": _PAGE_SIZE,
            "page": query.cursor,
            "extras": ",".join(("license", "owner_name", *_SIZES)),
        }
        if query.license:
            numbers = [number for code in list_codes(query.license) for number in _LICENSES[code]]
            asked["license"] = ",".join(map(str, sorted(numbers)))
        return f"{self.base_url}?{urlencode(asked)}"

    def read_page(self, answer: Any, query: SearchQuery) -> SearchPage:
        """Read `photos.photo`; errors come with status 200 and ``stat: "fail"``."""
        if find_value(answer, "stat") == "fail":
            raise _read_error(answer)
        photos = require_list(answer, "photos", "photo")
        results = [_read_result(one, rank) for rank, one in enumerate(photos, query.rank + 1)]
        last = min(find_number(answer, "photos", "pages") or 0, _DEEPEST // _PAGE_SIZE)
        return SearchPage(results, query.cursor + 1 if query.cursor < last else None)


def _read_error(answer: Any) -> SearchError:
    code = find_number(answer, "code")
    if code == _KEY_REFUSED:
        detail = "flickr: it does not know the key in PIXMILL_FLICKR_KEY"
        return SearchError("key_refused", detail)
    said = limit_text(find_value(answer, "message"), 200) or "an error without a word"
    if code in _UNAVAILABLE:
        return SearchError("busy", f"flickr: {said}", wait=2)
    return SearchError("bad_query", f"flickr: {said}", retryable=False)


def _read_result(given: Any, rank: int) -> SearchResult:
    owner = limit_text(find_value(given, "ownername"), 200)
    title = limit_text(find_value(given, "title"), 500)
    user, photo = (
        limit_text(find_value(given, "owner"), 50),
        limit_text(find_value(given, "id"), 50),
    )
    credit = f'"{title}" by {owner}' if title and owner else owner
    number = find_number(given, "license")
    largest = next((size for size in _SIZES if find_value(given, size)), _SIZES[0])
    return make_result(
        rank,
        find_value(given, largest),
        title=title,
        license=_DEEDS.get(number) if number is not None else None,
        attribution=f"{credit}, on Flickr" if credit else None,
        creator=owner,
        creator_page=f"https://www.flickr.com/people/{user}/" if user else None,
        source_page=f"https://www.flickr.com/photos/{user}/{photo}" if user and photo else None,
        thumbnail=find_value(given, _SIZES[-1]),
        width=find_value(given, largest.replace("url", "width")),
        height=find_value(given, largest.replace("url", "height")),
    )
