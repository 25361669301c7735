"""Sitemaps as a source of pages: where a site's are, and what one leads to."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from shared.crawls.entries import SITEMAP, SITEMAP_GUESS, CrawlEntry
from shared.crawls.found_images import FoundImages, make_refused_entry
from shared.crawls.frontier import Frontier
from shared.fetching.client import Failure, Fetcher, FetchResult
from shared.fetching.urls import BadUrl, resolve
from shared.pages.building import BudgetSpent, RefusedAddress
from shared.pages.encodings import decode_page
from shared.pages.feeds import is_feed
from shared.pages.reading import read_page
from shared.pages.sitemaps import MAX_BYTES, NoSitemap, SitemapEntry, read_sitemap, unpack_sitemap

_HEAD = 16 * 1024  # bytes that tell a feed
_MAX_NESTING = 3  # indexes of sitemaps; the protocol has one
_MAX_IMAGES = 50_000  # of one sitemap


class SitemapReading:
    """Reads answers that should be sitemaps, for what they lead to and for their images."""

    def __init__(self, fetcher: Fetcher, frontier: Frontier, images: FoundImages) -> None:
        self._fetcher = fetcher
        self._frontier = frontier
        self._images = images
        self._refused: list[tuple[CrawlEntry, Failure]] = []

    def read(
        self, result: FetchResult, rights_signals: tuple[str, ...]
    ) -> tuple[list[CrawlEntry], Failure | None]:
        """Return the pages and sitemaps that an answer leads to, and why it is no whole sitemap."""
        entry: CrawlEntry = result.request.tag
        named = list(self._find_named(entry)) if entry.role == SITEMAP_GUESS else []
        if result.error is not None:
            return named, result.error
        self._frontier.see_sitemap(result.url_final)
        following: list[CrawlEntry] = []
        body, is_cut = unpack_sitemap(result.body or b"")
        failure: Failure | None = None
        if is_cut:
            failure = _explain_cut(f"more than {MAX_BYTES} bytes", result)
        try:
            self._take_all(body, result, rights_signals, following)
        except NoSitemap:
            detail = "what the server sent is no sitemap"
            failure = Failure("not_a_sitemap", detail, result.status)
        except BudgetSpent as spent:
            failure = _explain_cut(str(spent), result)
        return named + following, failure

    def pop_refused(self) -> list[tuple[CrawlEntry, Failure]]:
        """Return the addresses, met since the last call, that cannot be fetched."""
        refused, self._refused = self._refused, []
        return refused

    def was_guessed_in_vain(self, entry: CrawlEntry) -> bool:
        """Return whether a sitemap is one that nobody promised, while there are others."""
        return entry.role == SITEMAP_GUESS and bool(self._list_promised(entry.url))

    def _find_named(self, guess: CrawlEntry) -> Iterator[CrawlEntry]:
        """Yield entries for the sitemaps that the robots.txt of a guess's site names."""
        for reference in self._list_promised(guess.url):
            try:
                url = resolve(guess.url, reference)
            except BadUrl as error:
                failed = CrawlEntry(guess.url, source_page=guess.source_page, role=SITEMAP)
                detail = f"the robots.txt names a sitemap that cannot be fetched: {error.detail}"
                self._refused.append((failed, Failure(error.reason, detail)))
                continue
            if self._frontier.claim_sitemap(url):
                yield replace(guess, url=url, role=SITEMAP)

    def _list_promised(self, url: str) -> tuple[str, ...]:
        try:
            return self._fetcher.robots.get_file(url).rules.sitemaps
        except LookupError:
            return ()

    def _take_all(
        self,
        body: bytes,
        result: FetchResult,
        rights_signals: tuple[str, ...],
        following: list[CrawlEntry],
    ) -> None:
        entry: CrawlEntry = result.request.tag
        url, kind = result.url_final, result.headers.get("content-type")
        taken = 0
        for found in _read_entries(body, url, kind):
            following += self._follow(found, entry, url)
            for image in found.images:
                self._images.add(image, url, rights_signals)
            taken += len(found.images)
            if taken > _MAX_IMAGES:
                raise BudgetSpent(f"more than {_MAX_IMAGES} images")
            if self._images.are_enough:
                break

    def _follow(self, found: SitemapEntry, entry: CrawlEntry, url: str) -> Iterator[CrawlEntry]:
        """Yield what an entry of a sitemap leads to, if that is to be read."""
        home = entry.source_page or entry.url
        address = found.address
        if isinstance(address, RefusedAddress):
            if self._frontier.claim_refused(address.url, home):
                failure = Failure(address.reason, address.detail)
                self._refused.append((make_refused_entry(address, url), failure))
        elif address is None:
            return
        elif not found.is_sitemap:
            if self._frontier.claim_link(address, home):
                yield CrawlEntry(address, source_page=url)
        elif entry.depth >= _MAX_NESTING:
            raise BudgetSpent(f"indexes of sitemaps more than {_MAX_NESTING} deep")
        elif self._frontier.claim_sitemap(address):
            yield CrawlEntry(
                address, source_page=entry.source_page, depth=entry.depth + 1, role=SITEMAP
            )


def _read_entries(body: bytes, url: str, kind: str | None) -> Iterator[SitemapEntry]:
    """Yield the entries of a sitemap, which may be a feed."""
    if not is_feed(decode_page(body[:_HEAD], kind).text):
        yield from read_sitemap(body, url, kind)
        return
    feed = read_page(body, url, kind)
    yield SitemapEntry(None, is_sitemap=False, images=(*feed.images, *_list_images(feed.refused)))
    for link in feed.links:
        yield SitemapEntry(link, is_sitemap=False)
    if feed.cut:
        raise BudgetSpent(feed.cut)


def _list_images(refused: Iterable[RefusedAddress]) -> Iterator[RefusedAddress]:
    return (one for one in refused if one.kind == "image")


def _explain_cut(held: str, result: FetchResult) -> Failure:
    detail = f"the sitemap was read in part: it holds {held}"
    return Failure("too_large", detail, result.status)
