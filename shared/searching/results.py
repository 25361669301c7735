"""Results of a search: images as engines describe them, made safe to store."""

from dataclasses import dataclass
from typing import Any

from shared.fetching.typed import check_typed_address, show_typed_address
from shared.fetching.urls import BadUrl
from shared.searching.answers import find_number
from shared.texts import clean_line

_MAX_NAME = 200
_MAX_TEXT = 1000
_MAX_ADDRESS = 2048
_MAX_SIDE = 1_000_000


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An image that an engine found at its place `rank`, from 1.

    With a `reason` it cannot be fetched, and `url` may be no address. `license` is the address of
    a licence, or its name where it has none. `notice` is an address that the engine wants to be
    asked for before the image is. `thumbnail` is the address of a small picture of it, and width
    and height are pixels, as far as the engine says.
    """

    rank: int
    url: str
    title: str | None = None
    license: str | None = None
    attribution: str | None = None
    creator: str | None = None
    creator_page: str | None = None
    source_page: str | None = None
    notice: str | None = None
    thumbnail: str | None = None
    width: int | None = None
    height: int | None = None
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of results in the engine's order, and the cursor of the next page, None at the end.

    `passed` counts results that were looked at and are not among `results`, such as those under
    another licence.
    """

    results: list[SearchResult]
    following: int | None
    passed: int = 0


def make_result(rank: int, url: Any, **about: Any) -> SearchResult:
    """Return a result of what an engine says, each text cleaned, cut or left out.

    One without an address that can be fetched has the `reason` ``bad_url``.
    """
    known: dict[str, Any] = {
        "title": limit_text(about.get("title"), _MAX_TEXT),
        "license": limit_text(about.get("license"), _MAX_NAME),
        "attribution": limit_text(about.get("attribution"), _MAX_TEXT),
        "creator": limit_text(about.get("creator"), _MAX_NAME),
        "creator_page": read_address(about.get("creator_page")),
        "source_page": read_address(about.get("source_page")),
        "notice": read_address(about.get("notice")),
        "thumbnail": read_address(about.get("thumbnail")),
        "width": _read_side(about.get("width")),
        "height": _read_side(about.get("height")),
    }
    if not isinstance(url, str) or not url.strip():
        return SearchResult(rank, "", **known, reason="bad_url", detail="there is no address")
    try:
        return SearchResult(rank, check_typed_address(url.strip()), **known)
    except BadUrl as error:
        shown = show_typed_address(url)
        return SearchResult(rank, shown, **known, reason=error.reason, detail=error.detail)


def _read_side(value: Any) -> int | None:
    """Return a width or height in pixels, or None for what cannot be one."""
    number = find_number(value)
    return number if number is not None and 0 < number <= _MAX_SIDE else None


def limit_text(value: Any, limit: int = _MAX_TEXT) -> str | None:
    """Return a text as one line that can be stored; None for what is none, or empty."""
    return (clean_line(value, limit) or None) if isinstance(value, str) else None


def read_address(value: Any) -> str | None:
    """Return the address of a web page that an engine names, or None where it is none."""
    text = limit_text(value, _MAX_ADDRESS + 1)
    if text is None or len(text) > _MAX_ADDRESS or " " in text:
        return None
    return text if text.lower().startswith(("http://", "https://")) else None
