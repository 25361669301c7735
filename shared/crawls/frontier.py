"""Chooses the pages and sitemaps that a search reads: each once, wanted ones, so many at most."""

from contextlib import suppress

from shared.crawls.chunks import MAX_PAGES, MAX_SITEMAPS
from shared.crawls.leases import LeasedChunk
from shared.crawls.patterns import AddressChoice
from shared.fetching.client import Failure
from shared.fetching.urls import BadUrl, is_same_host, normalise


class Frontier:
    """The addresses of pages and sitemaps that one job has met, in this chunk and in others."""

    def __init__(self, chunk: LeasedChunk) -> None:
        self.same_host: bool = chunk.source["same_host"]
        self._choice = AddressChoice(chunk.source)
        self._pages = set(chunk.known.pages)
        self._sitemaps = set(chunk.known.sitemaps)
        self._leaves_out: str | None = None
        self._has_said_so = False

    def see(self, url: str) -> bool:
        """Note a page; return whether it is met for the first time."""
        with suppress(BadUrl):  # the fetcher says what is wrong with it
            url = normalise(url)
        is_new = url not in self._pages
        self._pages.add(url)
        return is_new

    def see_sitemap(self, url: str) -> bool:
        """Note a sitemap; return whether it is met for the first time."""
        is_new = url not in self._sitemaps
        self._sitemaps.add(url)
        return is_new

    def claim(self, url: str) -> bool:
        """Note a page; return whether to read it: it is new, and within the limit."""
        if len(self._pages) < MAX_PAGES:
            return self.see(url)
        if url not in self._pages:
            self._leaves_out = f"not all links were followed: of one job {MAX_PAGES} pages are read"
        return False

    def claim_link(self, url: str, home: str) -> bool:
        """Note what a page or sitemap of the site `home` leads to; return whether to read it."""
        if self.same_host and not is_same_host(url, home):
            return False
        return self._choice.takes_page(url) and self.claim(url)

    def claim_refused(self, url: str, home: str) -> bool:
        """Note a link that cannot be fetched; return whether it counts as a page that failed."""
        return (not self.same_host or is_same_host(url, home)) and self.claim(url)

    def claim_sitemap(self, url: str) -> bool:
        """Note a sitemap; return whether to read it: it is new, and within the limits."""
        if url in self._sitemaps:
            return False
        if len(self._sitemaps) >= MAX_SITEMAPS or len(self._pages) >= MAX_PAGES:
            self._leaves_out = (
                f"not all sitemaps were read: of one job {MAX_SITEMAPS} sitemaps and {MAX_PAGES} "
                "pages are"
            )
            return False
        return self.see_sitemap(url)

    def excludes(self, url: str) -> bool:
        """Return whether the source leaves out an address."""
        return self._choice.excludes(url)

    def explain_limit(self) -> Failure | None:
        """Return, once, that addresses were left out because of a limit."""
        if self._leaves_out is None or self._has_said_so:
            return None
        self._has_said_so = True
        return Failure("too_many_pages", self._leaves_out)
