"""Addresses that somebody lists in a request, each taken or refused on its own."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from shared.fetching.urls import MAX_LENGTH, BadUrl, hide_user_information, normalise
from shared.schemas.sources import UrlEntry
from shared.texts import clean_line

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"\s")
_USER_WITHOUT_SCHEME = re.compile(r"\A[^/\\?#]*@")


def list_entries(given: Sequence[str | UrlEntry]) -> list[str | dict[str, Any]]:
    """Return the entries of a list as a crawl job stores them.

    An address that cannot be fetched keeps its place, with `reason` and `detail` of its failure.
    """
    return [_list_entry(one) for one in given]


def _list_entry(given: str | UrlEntry) -> str | dict[str, Any]:
    typed = given if isinstance(given, str) else given.url
    known = {} if isinstance(given, str) else given.model_dump(mode="json", exclude_none=True)
    try:
        url = _check_address(typed)
    except BadUrl as error:
        return {**known, "url": _show(typed), "reason": "bad_url", "detail": error.detail}
    return {**known, "url": url} if known else url


def _check_address(typed: str) -> str:
    """Return an address as it is stored: as it was typed, its spaces escaped as browsers do.

    One that is longer than an address may be, yet only before it is normalised, is stored
    normalised. Raises `BadUrl`.
    """
    if _CONTROL.search(typed):
        raise BadUrl("holds control characters")
    url = normalise(typed)
    escaped = _SPACE.sub(lambda found: quote(found[0]), typed)
    return escaped if len(escaped) <= MAX_LENGTH else url


def _show(typed: str) -> str:
    """Return what is no address as it may be stored and shown."""
    hidden = hide_user_information(typed)
    if hidden == typed:
        hidden = _USER_WITHOUT_SCHEME.sub("***@", typed, count=1)
    return clean_line(hidden, MAX_LENGTH)
