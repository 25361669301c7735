"""Wikimedia Commons: files that everybody may use, by the Action API of MediaWiki.

https://www.mediawiki.org/wiki/API:Search, https://www.mediawiki.org/wiki/API:Imageinfo,
https://www.mediawiki.org/wiki/API:Etiquette, https://www.mediawiki.org/wiki/Manual:Maxlag_parameter,
https://foundation.wikimedia.org/wiki/Policy:Wikimedia_Foundation_User-Agent_Policy.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from shared.searching.answers import MalformedAnswer, find_number, find_value, strip_markup
from shared.searching.engines import SearchError, SearchQuery
from shared.searching.licenses import LicenseCode, list_codes, make_deed_address
from shared.searching.names import EngineName
from shared.searching.results import SearchPage, SearchResult, limit_text, make_result
from shared.settings import Settings

_PAGE_SIZE = 50
_DEEPEST = 10_000  # results, beyond which its index does not page
_THUMBNAIL = 250  # pixels wide; one of the sizes that are made (Commons:Thumbnails)
_MAX_LAG = 5  # seconds that its databases may be behind (API:Etiquette)
_FIELDS = (
    *("License", "LicenseShortName", "LicenseUrl"),
    *("Artist", "Attribution", "ImageDescription", "ObjectName"),
)
_CREATIVE_COMMONS = re.compile(r"cc-(by(?:-sa)?)-(\d\.\d)(?:[^a-z].*)?")
# Commons takes no file that may not be changed or sold (Commons:Licensing).
_ALL = frozenset({"commercial", "modification", "commercial-modification"})
_KNOWN = _ALL | {"cc0", "pdm", "by", "by-sa", "public-domain"}


@dataclass(frozen=True)
class Wikimedia:
    """Asked without a key, for one page at a time."""

    name: ClassVar[EngineName] = "wikimedia"
    required: ClassVar[tuple[str, ...]] = ()
    first: ClassVar[int] = 0
    refusals: ClassVar[frozenset[int]] = frozenset()
    licenses: ClassVar[frozenset[str]] = _KNOWN
    license_note: ClassVar[str] = "it has no images under it"

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def set_up(cls, settings: Settings) -> Self:
        """Return the engine at the address that settings name."""
        return cls(settings.wikimedia_url)

    def build_address(self, query: SearchQuery) -> str:
        """Ask for pictures from an offset on, with what their pages say about their licence."""
        asked = {
            "action": "query",
            "format": "json",
            "formatversion": 2,
            "maxlag": _MAX_LAG,
            "generator": "search",
            "gsrsearch": f"filetype:bitmap {query.words}",
            "gsrnamespace": 6,  # files
            "gsrlimit": _PAGE_SIZE,
            "gsroffset": query.cursor,
            "prop": "imageinfo",
            "iiprop": "url|size|extmetadata",
            "iiurlwidth": _THUMBNAIL,
            "iiextmetadatafilter": "|".join(_FIELDS),
            "iiextmetadatalanguage": "en",
        }
        return f"{self.base_url}?{urlencode(asked)}"

    def read_page(self, answer: Any, query: SearchQuery) -> SearchPage:
        """Read `query.pages`, which come in any order and say their `index` in the results.

        The licence is looked at here: its search knows none.
        """
        _check_error(answer)
        pages = find_value(answer, "query", "pages")
        if pages is None:
            return SearchPage([], None)  # nothing fits
        if not isinstance(pages, list):
            raise MalformedAnswer("the answer has no list of pages")
        found = [
            _read_result(one, find_number(one, "index") or query.rank + place)
            for place, one in enumerate(pages, 1)
            if _fits(one, query.license)
        ]
        following = find_number(answer, "continue", "gsroffset")
        if following is None or not query.cursor < following < _DEEPEST:
            following = None
        found.sort(key=lambda one: one.rank)
        return SearchPage(found, following, passed=len(pages) - len(found))


def _check_error(answer: Any) -> None:
    code = find_value(answer, "error", "code")
    if code == "maxlag":
        raise SearchError("busy", "wikimedia: its databases are behind", wait=5)
    if code == "ratelimited":
        raise SearchError("rate_limited", "wikimedia: too many searches were sent")
    if code is not None:
        said = limit_text(find_value(answer, "error", "info"), 200) or "an error without a word"
        raise SearchError("bad_query", f"wikimedia: {said}", retryable=False)


def _fits(page: Any, choice: str | None) -> bool:
    if choice is None or choice in _ALL:
        return True
    code, _ = _classify(_read_facts(page))
    return code in list_codes(choice)


def _read_info(page: Any) -> Any:
    info = find_value(page, "imageinfo")
    return info[0] if isinstance(info, list) and info else None


def _read_facts(page: Any) -> Any:
    return find_value(_read_info(page), "extmetadata")


def _classify(facts: Any) -> tuple[LicenseCode | None, str]:
    """Return the licence that a file's machine-readable code names, if known, and its version."""
    code = str(find_value(facts, "License", "value") or "").lower()
    if code in ("cc0", "cc-zero"):
        return "cc0", "1.0"
    if code == "pd" or code.startswith(("pd-", "cc-pd")):
        return "pdm", "1.0"
    found = _CREATIVE_COMMONS.fullmatch(code)
    if found is None:
        return None, ""
    return ("by-sa" if found[1] == "by-sa" else "by"), found[2]


def _read_result(page: Any, rank: int) -> SearchResult:
    info, facts = _read_info(page), _read_facts(page)
    code, version = _classify(facts)
    artist = strip_markup(find_value(facts, "Artist", "value"))
    wanted = strip_markup(find_value(facts, "Attribution", "value")) or artist
    deed = find_value(facts, "LicenseUrl", "value")
    if not deed and code not in (None, "pdm"):
        deed = make_deed_address(str(code), version)
    return make_result(
        rank,
        find_value(info, "url"),
        title=strip_markup(find_value(facts, "ImageDescription", "value"))
        or strip_markup(find_value(facts, "ObjectName", "value")),
        license=deed or strip_markup(find_value(facts, "LicenseShortName", "value")),
        attribution=f"{wanted}, via Wikimedia Commons" if wanted else None,
        creator=artist,
        source_page=find_value(info, "descriptionurl"),
        thumbnail=find_value(info, "thumburl"),
        width=find_value(info, "width"),
        height=find_value(info, "height"),
    )
