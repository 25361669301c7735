"""Reads web pages breadth-first for the images that they show."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from shared.crawls.entries import CrawlEntry
from shared.crawls.found_images import FoundImages, make_refused_entry
from shared.crawls.frontier import Frontier
from shared.crawls.leases import LeasedChunk
from shared.crawls.page_answers import read_answer
from shared.crawls.postponing import can_wait
from shared.crawls.refreshes import explain_refresh, find_next_page, follow_redirecting_page
from shared.crawls.rights import RightsLedger
from shared.crawls.sitemaps import SitemapReading
from shared.fetching.client import Failure, Fetcher, FetchRequest, FetchResult
from shared.fetching.urls import is_same_host
from shared.pages.building import ImageLink, RefusedAddress, WebPage
from shared.pages.licence_links import find_terms
from shared.pages.sitemaps import MAX_BYTES as MAX_SITEMAP_BYTES
from shared.rights.answers import describe_terms, list_meta_signals
from shared.rights.directives import parse_directives
from shared.rights.signals import RightsPolicy, RightsSignal, find_refusal

MAX_BYTES = MAX_SITEMAP_BYTES  # of one answer
_MAX_PAGE_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PageSummary:
    """A page that was read: where it was, its title, and how many images and links it holds."""

    url: str
    title: str | None
    images: int
    links: int


@dataclass
class SpiderResult:
    """The images and pages that reading pages brought.

    For `unfinished` ones there was no time; `waiting` ones are at hosts that are closed for longer.
    `summaries` are of the pages that were listed, by the address that was given.
    """

    ledger: RightsLedger
    images: dict[str, CrawlEntry]
    read: list[CrawlEntry] = field(default_factory=list)
    failed: list[tuple[CrawlEntry, Failure]] = field(default_factory=list)
    unfinished: list[CrawlEntry] = field(default_factory=list)
    waiting: list[tuple[CrawlEntry, Failure]] = field(default_factory=list)
    summaries: dict[str, PageSummary] = field(default_factory=dict)


class Spider:
    """Reads a chunk's pages and, as deep as the source says, those that they lead to."""

    def __init__(self, chunk: LeasedChunk, fetcher: Fetcher, patience: float) -> None:
        self._chunk = chunk
        self._patience = patience
        self._frontier = Frontier(chunk)
        self._images = FoundImages(chunk, self._frontier)
        self._sitemaps = SitemapReading(fetcher, self._frontier, self._images)
        self._fetcher = fetcher
        self._respect_robots = chunk.options.respect_robots
        self._rights = chunk.options.rights
        self._max_depth: int = chunk.source["max_depth"]
        self._is_second_attempt = chunk.attempt > 1
        self.result = SpiderResult(RightsLedger(chunk.crawl_job_id), self._images.entries)

    def run(
        self, entries: Sequence[CrawlEntry], check: Callable[[], None], deadline: float
    ) -> None:
        """Fill `result`, level by level, until nothing is left, enough is found or it is late.

        At a second attempt only the chunk's own pages are read: one that they lead to may have
        ended the first worker. Those are unfinished now, for a chunk of their own. `deadline` is
        a `time.monotonic()` moment; `check` may raise to stop.
        """
        self.result.ledger.site_files = self._fetcher.site_files
        for entry in entries:
            if entry.reason:
                self.result.failed.append((entry, Failure(entry.reason, entry.detail or "")))
        level = [entry for entry in entries if not entry.reason and self._see(entry)]
        self._learn_robots(level, check, deadline)
        postponed: list[CrawlEntry] = []
        while level and not self._images.are_enough:
            following = self._read_level(level, check, deadline)
            if self.result.unfinished:
                postponed += following
                break
            level = following
            if self._is_second_attempt:
                level = [entry for entry in following if entry.refreshes]
                postponed += (entry for entry in following if not entry.refreshes)
        self.result.unfinished += postponed

    def _see(self, entry: CrawlEntry) -> bool:
        if entry.role:
            return self._frontier.see_sitemap(entry.url)
        return self._frontier.see(entry.url)

    def _learn_robots(
        self, entries: Sequence[CrawlEntry], check: Callable[[], None], deadline: float
    ) -> None:
        """Ask for what names sitemaps, where the fetcher has no other use for it."""
        if self._respect_robots or self._rights != "ignore":
            return
        missing = (self._fetcher.robots.find_missing(one.url) for one in entries if one.role)
        requests = {request.url: request for request in missing if request}
        for result in self._fetch(iter(requests.values()), check, deadline):
            self._fetcher.robots.learn(result)

    def _read_level(
        self, level: Sequence[CrawlEntry], check: Callable[[], None], deadline: float
    ) -> list[CrawlEntry]:
        """Read pages; return what they lead to. Those for which there is no time are unfinished."""
        following: list[CrawlEntry] = []
        waiting = {id(entry): entry for entry in level}
        for result in self._fetch(map(_make_request, level), check, deadline):
            entry: CrawlEntry = result.request.tag
            if result.error is None or result.error.reason != "deadline":
                del waiting[id(entry)]
                following += self._receive(result)
            if self._images.are_many or monotonic() > deadline:
                break  # parsing takes time as well, and what is found memory
        self.result.unfinished += waiting.values()
        return following

    def _fetch(
        self, requests: Iterator[FetchRequest], check: Callable[[], None], deadline: float
    ) -> Iterator[FetchResult]:
        return self._fetcher.fetch_all(
            requests,
            check,
            respect_robots=self._respect_robots,
            rights=self._rights,
            deadline=deadline,
        )

    def _receive(self, result: FetchResult) -> list[CrawlEntry]:
        """Read one answer; return the pages that it leads to."""
        entry: CrawlEntry = result.request.tag
        if result.error is not None and can_wait(self._chunk, result.error, self._patience):
            self.result.waiting.append((entry, result.error))
            return []
        if entry.role:
            return self._receive_sitemap(entry, result)
        if result.error is None and result.url_final != entry.current_url:
            self._frontier.see(result.url_final)
            if self._frontier.excludes(result.url_final):
                detail = f"it redirects to {result.url_final}, which the source excludes"
                self._record(entry, Failure("excluded", detail, result.status))
                return []
        page, failure = read_answer(result)
        if not entry.depth:
            counts = len(page.images), len(page.links)
            summary = PageSummary(result.url_final, page.title, *counts)
            self.result.summaries[entry.url] = summary
        metas = list_meta_signals(page.directives, page.reservations, page.terms, result.url_final)
        signals = [*result.signals, *metas]
        refusal = self._find_refusal(signals, result)
        rights_signals = self.result.ledger.note(signals, refusal or failure)
        if refusal:
            self._record(entry, refusal)
            return []
        self._take_images(page, result.url_final, tuple(map(str, rights_signals)))
        onward = follow_redirecting_page(entry, page, result.url_final)
        directives = page.directives | parse_directives(result.headers.get("x-robots-tag", ""))
        if self._respect_robots and directives & {"nofollow", "none"}:
            if isinstance(onward, CrawlEntry):
                onward = Failure("robots", "the page only leads on, and asks not to be followed")
            self._record(entry, onward or failure)
            return []
        following = self._find_pages(entry, page, result.url_final)
        if not isinstance(onward, CrawlEntry):
            self._record(entry, onward or failure or self._frontier.explain_limit())
        elif self._frontier.claim(onward.current_url):
            following.append(onward)
        else:  # that page is read anyway
            self._record(entry, self._frontier.explain_limit())
        return following

    def _receive_sitemap(self, entry: CrawlEntry, result: FetchResult) -> list[CrawlEntry]:
        rights_signals = self.result.ledger.note(result.signals, result.error)
        following, failure = self._sitemaps.read(result, tuple(map(str, rights_signals)))
        self.result.failed += self._sitemaps.pop_refused()
        if failure is None or not self._sitemaps.was_guessed_in_vain(entry):
            self._record(entry, failure or self._frontier.explain_limit())
        return following

    def _find_refusal(self, signals: Sequence[RightsSignal], result: FetchResult) -> Failure | None:
        """Return why the images of a page that was read are not taken, by what its metas say."""
        policy: RightsPolicy = "ignore" if self._rights == "ignore" else "respect"
        detail = find_refusal(signals, policy) if result.error is None else None
        return Failure("opted_out", detail, result.status) if detail else None

    def _take_images(self, page: WebPage, url: str, rights_signals: tuple[str, ...]) -> None:
        for image in page.images:
            refusal, own = self._judge_terms(image, url)
            self._images.add(refusal or image, url, (*rights_signals, *own), page.referrer_policy)
        for refused in page.refused:
            if refused.kind == "image":
                self._images.add(refused, url)

    def _judge_terms(
        self, image: ImageLink, url: str
    ) -> tuple[RefusedAddress | None, tuple[str, ...]]:
        """Return why an item of a feed does not want its image taken, and what the ledger notes."""
        if image.terms is None:
            return None, ()
        signal = describe_terms(image.terms, url)
        detail = None if self._rights == "ignore" else find_refusal([signal], "respect")
        failure = Failure("opted_out", detail) if detail else None
        noted = tuple(map(str, self.result.ledger.note([signal], failure)))
        if detail is None:
            return None, noted
        return RefusedAddress(image.url, "image", "opted_out", detail), noted

    def _record(self, entry: CrawlEntry, failure: Failure | None) -> None:
        """Note what became of a page."""
        given = replace(entry, refreshes=())
        if failure is None:
            self.result.read.append(given)
        else:
            self.result.failed.append((given, explain_refresh(entry, failure)))

    def _find_pages(self, entry: CrawlEntry, page: WebPage, url_final: str) -> list[CrawlEntry]:
        found = self._find_links(entry, page, url_final)
        url = find_next_page(page)
        if url is None or self._frontier.excludes(url):
            return found
        if entry.depth and self._frontier.same_host and not is_same_host(url, entry.url):
            return found
        if self._frontier.claim(url):
            found.append(CrawlEntry(url, source_page=url_final, depth=entry.depth))
        return found

    def _find_links(self, entry: CrawlEntry, page: WebPage, url_final: str) -> list[CrawlEntry]:
        if entry.depth >= self._max_depth:
            return []
        # Where a listed page redirects to is home; a link that leads away is not followed on.
        home = entry.url if entry.source_page else url_final
        if self._frontier.same_host and not is_same_host(url_final, home):
            return []
        for refused in page.refused:
            if refused.kind == "page" and self._frontier.claim_refused(refused.url, home):
                failure = Failure(refused.reason, refused.detail)
                self.result.failed.append((make_refused_entry(refused, url_final), failure))
        return [
            CrawlEntry(link, source_page=url_final, depth=entry.depth + 1)
            for link in page.links
            if self._frontier.claim_link(link, home)
        ]


def _make_request(entry: CrawlEntry) -> FetchRequest:
    if entry.role:
        return FetchRequest(entry.url, kind="sitemap", max_bytes=MAX_SITEMAP_BYTES, tag=entry)
    return FetchRequest(
        entry.current_url,
        kind="page",
        max_bytes=_MAX_PAGE_BYTES,
        tag=entry,
        find_terms=find_terms,
    )
