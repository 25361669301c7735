"""Addresses that somebody typed, in a request or a table: as they are stored, or shown if bad."""

import re
from urllib.parse import quote

from shared.fetching.urls import MAX_LENGTH, BadUrl, hide_user_information, normalise
from shared.texts import clean_line, has_half_pair

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"\s")
_USER_WITHOUT_SCHEME = re.compile(r"\A[^/\\?#]*@")


def check_typed_address(typed: str) -> str:
    """Return an address as it is stored: as it was typed, its spaces escaped as browsers do.

    One that is longer than an address may be, yet only before it is normalised, is stored
    normalised. Raises `BadUrl`.
    """
    if _CONTROL.search(typed):
        raise BadUrl("holds control characters")
    if has_half_pair(typed):
        raise BadUrl("holds half of a surrogate pair, which is no character")
    url = normalise(typed)
    escaped = _SPACE.sub(lambda found: quote(found[0]), typed)
    return escaped if len(escaped) <= MAX_LENGTH else url


def show_typed_address(typed: str) -> str:
    """Return what is no address as it may be stored and shown: one line, without a password."""
    hidden = hide_user_information(typed)
    if hidden == typed:
        hidden = _USER_WITHOUT_SCHEME.sub("***@", typed, count=1)
    return clean_line(hidden, MAX_LENGTH)
