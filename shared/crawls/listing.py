"""Addresses that somebody lists in a request, each taken or refused on its own."""

from collections.abc import Sequence
from typing import Any

from shared.fetching.typed import check_typed_address, show_typed_address
from shared.fetching.urls import BadUrl
from shared.schemas.sources import UrlEntry


def list_entries(given: Sequence[str | UrlEntry]) -> list[str | dict[str, Any]]:
    """Return the entries of a list as a crawl job stores them.

    An address that cannot be fetched keeps its place, with `reason` and `detail` of its failure.
    """
    return [_list_entry(one) for one in given]


def _list_entry(given: str | UrlEntry) -> str | dict[str, Any]:
    typed = given if isinstance(given, str) else given.url
    known = {} if isinstance(given, str) else given.model_dump(mode="json", exclude_none=True)
    try:
        url = check_typed_address(typed)
    except BadUrl as error:
        return {
            **known,
            "url": show_typed_address(typed),
            "reason": "bad_url",
            "detail": error.detail,
        }
    return {**known, "url": url} if known else url
