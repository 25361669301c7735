"""Reads a web page or feed: its images' addresses, captions, credits and licences."""

from __future__ import annotations

from shared.fetching.headers import Refresh
from shared.pages.building import (
    BudgetSpent,
    ReadingBudget,
    ReadingLimits,
    WebPage,
    WebPageBuilder,
)
from shared.pages.encodings import decode_page
from shared.pages.feeds import FeedReader, is_feed
from shared.pages.html import HtmlReader

_LIMITS = ReadingLimits()


def read_page(
    body: bytes,
    url: str,
    content_type: str | None = None,
    limits: ReadingLimits = _LIMITS,
    *,
    refresh: Refresh | None = None,
) -> WebPage:
    """Read a page that was fetched from `url`, a normalised URL; `refresh` is its header's.

    A page that holds more than the limits is read in part: `cut` says so, and what was found until
    then is returned. That its robots metas do not want links followed is left to the caller.
    """
    text, encoding = decode_page(body[: limits.bytes], content_type)
    page = WebPageBuilder(url, encoding, ReadingBudget(limits))
    page.note_refresh(refresh)
    if len(body) > limits.bytes:
        page.cut = f"more than {limits.bytes} bytes"
    reader: FeedReader | HtmlReader
    if is_feed(text):
        reader = FeedReader(text, page)
    else:
        media_type = (content_type or "").partition(";")[0].strip().lower()
        reader = HtmlReader(text, page, xml=media_type.endswith(("/xml", "+xml")))
    try:
        reader.read()
    except BudgetSpent as spent:
        page.cut = str(spent)
    return page.build()
