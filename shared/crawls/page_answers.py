"""Answers of the web, read as pages."""

from dataclasses import replace

from shared.fetching.client import Failure, FetchResult
from shared.fetching.headers import find_refresh
from shared.fetching.referrers import find_referrer_policy
from shared.pages.building import ImageLink, WebPage
from shared.pages.reading import read_page

# Types that say nothing (MIME Sniffing standard §7).
_UNKNOWN_TYPES = frozenset({"", "*/*", "application/unknown", "unknown/unknown"})


def read_answer(result: FetchResult) -> tuple[WebPage, Failure | None]:
    """Return what an answer holds as a page, and why that is not a whole page.

    What is no page may send its readers on like one.
    """
    refresh = find_refresh(result.headers)
    if result.error is not None:
        if result.error.reason != "empty":
            return WebPage([], []), result.error
        return read_page(b"", result.url_final, refresh=refresh), result.error
    media_type = result.headers.get("content-type", "").strip().lower()
    if media_type in _UNKNOWN_TYPES:
        media_type = "text/html"
    if media_type.startswith("image/"):
        return WebPage([ImageLink(result.url_final)], []), None
    if "html" not in media_type and "xml" not in media_type:
        failure = Failure("not_a_page", f"the server sent {media_type[:100]}", result.status)
        return read_page(b"", result.url_final, refresh=refresh), failure
    page = read_page(result.body or b"", result.url_final, media_type, refresh=refresh)
    policy = page.referrer_policy or find_referrer_policy(result.headers)
    page = replace(page, referrer_policy=policy)
    if page.cut is None:
        return page, None
    detail = f"the page was read in part: it holds {page.cut}"
    return page, Failure("too_large", detail, result.status)
