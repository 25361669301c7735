"""Pages that show nothing and send their readers on, which is a redirect written in HTML."""

from dataclasses import replace

from shared.crawls.entries import CrawlEntry
from shared.fetching.client import Failure
from shared.fetching.urls import BadUrl
from shared.pages.building import WebPage

_MAX_REFRESHES = 5  # as many as redirects are followed


def follow_redirecting_page(
    entry: CrawlEntry, page: WebPage, url: str
) -> CrawlEntry | Failure | None:
    """Return the entry at the address that its page, fetched from `url`, leads on to at once.

    Return why that cannot be followed where nothing else is on the page, and None where the page
    is one to be read for itself.
    """
    refresh = page.refresh
    if refresh is None or not refresh.is_redirect or _shows_images(page):
        return None
    target = refresh.target
    if isinstance(target, BadUrl):
        detail = f"the page leads on to an address that cannot be fetched: {target.detail}"
        return Failure(target.reason, detail)
    if target == url:
        only_reloads = Failure("too_many_redirects", "the page does nothing but reload itself")
        return None if page.links else only_reloads
    if target in (entry.url, *entry.refreshes):
        return Failure("too_many_redirects", "refreshes of pages lead in a circle")
    if len(entry.refreshes) == _MAX_REFRESHES:
        return Failure("too_many_redirects", f"more than {_MAX_REFRESHES} pages lead on")
    return replace(entry, refreshes=(*entry.refreshes, target))


def find_next_page(page: WebPage) -> str | None:
    """Return an address to which a page leads on once it was seen, or None.

    Pages that show images and stay for a while are such as load themselves anew.
    """
    refresh = page.refresh
    if refresh is None or refresh.is_redirect is not _shows_images(page):
        return None
    return None if isinstance(refresh.target, BadUrl) else refresh.target


def explain_refresh(entry: CrawlEntry, failure: Failure) -> Failure:
    """Return a failure with the address at which it happened, where that is not the entry's own."""
    if not entry.refreshes:
        return failure
    return replace(failure, detail=f"{failure.detail}, at {entry.current_url} that it leads on to")


def _shows_images(page: WebPage) -> bool:
    return bool(page.images) or any(one.kind == "image" for one in page.refused)
