"""Finds the RSL documents that a page or feed names as its licence."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from shared.fetching.licence_links import RSL_TYPE
from shared.fetching.urls import BadUrl, resolve
from shared.pages.building import BudgetSpent, ReadingBudget, ReadingLimits
from shared.pages.encodings import decode_page
from shared.pages.feeds import is_feed
from shared.pages.markup import read_tags

_LIMITS = ReadingLimits()
_MENTION = re.compile(re.escape(RSL_TYPE.encode()), re.IGNORECASE)
_LINKS = frozenset({"atom:link", "link"})
_ITEMS = frozenset({"entry", "item"})


def find_terms(url: str, headers: Mapping[str, str], body: bytes) -> Iterable[str]:
    """Yield the addresses in `link` elements of licences that are RSL documents.

    Those of a feed's items are about these alone, and are not among them.
    """
    # Few pages have one, and the others are not to be read twice.
    body = body[: _LIMITS.bytes]
    return _read(url, headers, body) if _MENTION.search(body) else ()


def _read(url: str, headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    text, _ = decode_page(body, headers.get("content-type"))
    xml, base = is_feed(text), url
    wanted = _LINKS | (_ITEMS if xml else {"base"})
    budget = ReadingBudget(_LIMITS)
    try:
        for tag in read_tags(text, wanted, xml=xml, on_token=budget.count_tag):
            if tag.name in _ITEMS:
                return
            given = tag.attributes
            reference = given.get("href", "").strip()
            with suppress(BadUrl):
                if tag.name == "base":
                    base = resolve(url, reference) if base == url else base
                elif reference and _names_terms(given):
                    yield resolve(base, reference)
    except BudgetSpent:
        return


def _names_terms(attributes: Mapping[str, str]) -> bool:
    kind = attributes.get("type", "").strip().lower()
    return kind == RSL_TYPE and "license" in attributes.get("rel", "").lower().split()
