"""Addresses that somebody lists in a request, each taken or refused on its own."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from shared.fetching.urls import MAX_LENGTH, BadUrl, mask_user, normalise
from shared.schemas.sources import UrlEntry
from shared.texts import clean_line

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"\s")


def list_entries(given: Sequence[str | UrlEntry]) -> list[str | dict[str, Any]]:
    """Return the entries of a list as a crawl job stores them.

    An address that cannot be fetched keeps its place, with the reason as `refused`.
    """
    return [_list_entry(one) for one in given]


def _list_entry(given: str | UrlEntry) -> str | dict[str, Any]:
    url, refused = _check_address(given if isinstance(given, str) else given.url)
    if isinstance(given, str) and refused is None:
        return url
    known = {} if isinstance(given, str) else given.model_dump(mode="json", exclude_none=True)
    return {**known, "url": url} | ({"refused": refused} if refused else {})


def _check_address(given: str) -> tuple[str, str | None]:
    """Return an address as it may be stored and shown, and why it cannot be fetched, if it cannot.

    It stays as it was typed, its spaces escaped as browsers do. One that is longer than an address
    may be, yet only before it is normalised, is stored normalised.
    """
    try:
        if _CONTROL.search(given):
            raise BadUrl("holds control characters")
        url = normalise(given)
    except BadUrl as error:
        return clean_line(mask_user(given), MAX_LENGTH), error.detail
    typed = _SPACE.sub(lambda found: quote(found[0]), given)
    return typed if len(typed) <= MAX_LENGTH else url, None
