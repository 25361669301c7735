"""Reads web pages breadth-first for the images that they show."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from shared.crawls.chunks import MAX_PAGES
from shared.crawls.entries import CrawlEntry
from shared.crawls.leases import LeasedChunk
from shared.crawls.postponing import can_wait
from shared.crawls.refreshes import explain_refresh, find_next_page, follow_redirecting_page
from shared.crawls.rights import RightsLedger
from shared.fetching.client import Failure, Fetcher, FetchRequest, FetchResult
from shared.fetching.headers import find_refresh
from shared.fetching.urls import BadUrl, is_same_host, normalise
from shared.pages.building import ImageLink, RefusedAddress, WebPage
from shared.pages.reading import read_page
from shared.rights.answers import list_meta_signals
from shared.rights.directives import parse_directives
from shared.rights.signals import RightsPolicy, RightsSignal, find_refusal
from shared.texts import clean_line

MAX_BYTES = 5 * 1024 * 1024
# Types that say nothing (MIME Sniffing standard §7).
_UNKNOWN_TYPES = frozenset({"", "*/*", "application/unknown", "unknown/unknown"})


@dataclass
class SpiderResult:
    """The images and pages that reading pages brought.

    For `unfinished` ones there was no time; `waiting` ones are at hosts that are closed for longer.
    """

    ledger: RightsLedger
    images: dict[str, CrawlEntry] = field(default_factory=dict)
    read: list[CrawlEntry] = field(default_factory=list)
    failed: list[tuple[CrawlEntry, Failure]] = field(default_factory=list)
    unfinished: list[CrawlEntry] = field(default_factory=list)
    waiting: list[tuple[CrawlEntry, Failure]] = field(default_factory=list)


class Spider:
    """Reads a chunk's pages and, as deep as the source says, those that they link to."""

    def __init__(self, chunk: LeasedChunk, patience: float) -> None:
        self._chunk = chunk
        self._patience = patience
        self.result = SpiderResult(RightsLedger(chunk.crawl_job_id))
        self._respect_robots = chunk.options.respect_robots
        self._rights = chunk.options.rights
        self._max_depth: int = chunk.source["max_depth"]
        self._same_host: bool = chunk.source["same_host"]
        self._is_second_attempt = chunk.attempt > 1
        self._known = chunk.known
        self._room = chunk.options.max_images - len(chunk.known.images)
        self._seen = set(chunk.known.pages)
        self._leaves_out = self._has_said_so = False

    def run(
        self,
        fetcher: Fetcher,
        entries: Sequence[CrawlEntry],
        check: Callable[[], None],
        deadline: float,
    ) -> None:
        """Fill `result`, level by level, until nothing is left, enough is found or it is late.

        At a second attempt only the chunk's own pages are read: one that they lead to may have
        ended the first worker. Those are unfinished now, for a chunk of their own. `deadline` is
        a `time.monotonic()` moment; `check` may raise to stop.
        """
        self.result.ledger.site_files = fetcher.site_files
        for entry in entries:
            if entry.reason:
                self.result.failed.append((entry, Failure(entry.reason, entry.detail or "")))
        level = [entry for entry in entries if not entry.reason and self._see(entry.url)]
        postponed: list[CrawlEntry] = []
        while level and len(self.result.images) < self._room:
            following: list[CrawlEntry] = []
            requests = (
                FetchRequest(entry.current_url, kind="page", max_bytes=MAX_BYTES, tag=entry)
                for entry in level
            )
            for result in fetcher.fetch_all(
                requests,
                check,
                respect_robots=self._respect_robots,
                rights=self._rights,
                deadline=deadline,
            ):
                following += self._receive(result)
            if self.result.unfinished:
                postponed += following
                break
            level = following
            if self._is_second_attempt:
                level = [entry for entry in following if entry.refreshes]
                postponed += (entry for entry in following if not entry.refreshes)
        self.result.unfinished += postponed

    def _receive(self, result: FetchResult) -> list[CrawlEntry]:
        """Read one page; return the pages that it leads to."""
        entry: CrawlEntry = result.request.tag
        if result.error is not None and result.error.reason == "deadline":
            self.result.unfinished.append(entry)
            return []
        if result.error is not None and can_wait(self._chunk, result.error, self._patience):
            self.result.waiting.append((entry, result.error))
            return []
        page, failure = _read_answer(result)
        metas = list_meta_signals(page.directives, page.reservations, page.terms, result.url_final)
        signals = [*result.signals, *metas]
        refusal = self._find_refusal(signals, result)
        rights_signals = self.result.ledger.note(signals, refusal or failure)
        if refusal:
            self._record(entry, refusal)
            return []
        if result.error is None:
            self._see(result.url_final)
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
            self._record(entry, onward or failure or self._explain_limit())
        elif self._claim(onward.current_url):
            following.append(onward)
        else:  # that page is read anyway
            self._record(entry, self._explain_limit())
        return following

    def _find_refusal(self, signals: Sequence[RightsSignal], result: FetchResult) -> Failure | None:
        """Return why the images of a page that was read are not taken, by what its metas say."""
        policy: RightsPolicy = "ignore" if self._rights == "ignore" else "respect"
        detail = find_refusal(signals, policy) if result.error is None else None
        return Failure("opted_out", detail, result.status) if detail else None

    def _take_images(self, page: WebPage, url: str, rights_signals: tuple[str, ...]) -> None:
        for image in page.images:
            self._add(image, rights_signals)
        for refused in page.refused:
            if refused.kind == "image":
                self._add_entry(_refuse(refused, url))

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
        if url is None or (entry.depth and self._same_host and not is_same_host(url, entry.url)):
            return found
        if self._claim(url):
            found.append(CrawlEntry(url, source_page=url_final, depth=entry.depth))
        return found

    def _find_links(self, entry: CrawlEntry, page: WebPage, url_final: str) -> list[CrawlEntry]:
        if entry.depth >= self._max_depth:
            return []
        # Where the first page redirects to is home; a link that leads away is not followed on.
        home = entry.url if entry.depth else url_final
        if self._same_host and not is_same_host(url_final, home):
            return []
        for refused in page.refused:
            if refused.kind == "page" and self._claim_link(refused.url, home):
                failure = Failure(refused.reason, refused.detail)
                self.result.failed.append((_refuse(refused, url_final), failure))
        return [
            CrawlEntry(link, source_page=url_final, depth=entry.depth + 1)
            for link in page.links
            if self._claim_link(link, home)
        ]

    def _claim_link(self, link: str, home: str) -> bool:
        """Note a link of a page of the site `home`; return whether it is to be followed."""
        return (not self._same_host or is_same_host(link, home)) and self._claim(link)

    def _claim(self, url: str) -> bool:
        """Note a page; return whether to read it: it is new, and within the limit."""
        if len(self._seen) < MAX_PAGES:
            return self._see(url)
        self._leaves_out = self._leaves_out or url not in self._seen
        return False

    def _see(self, url: str) -> bool:
        """Note a page; return whether it is met for the first time."""
        with suppress(BadUrl):  # the fetcher says what is wrong with it
            url = normalise(url)
        is_new = url not in self._seen
        self._seen.add(url)
        return is_new

    def _explain_limit(self) -> Failure | None:
        """Return, once, that links were left out because of the limit."""
        if not self._leaves_out or self._has_said_so:
            return None
        self._has_said_so = True
        detail = f"not all links were followed: of one job {MAX_PAGES} pages are read"
        return Failure("too_many_pages", detail)

    def _add(self, image: ImageLink, rights_signals: tuple[str, ...]) -> None:
        self._add_entry(
            CrawlEntry(
                image.url,
                caption=_clean_text(image.alt or image.caption or image.title),
                license=_clean_text(image.license),
                attribution=_clean_text(image.attribution),
                source_page=image.source_page,
                rights_signals=rights_signals,
            )
        )

    def _add_entry(self, entry: CrawlEntry) -> None:
        known = entry.url in self._known.images or entry.url in self.result.images
        if not known and len(self.result.images) < self._room:
            self.result.images[entry.url] = entry


def _read_answer(result: FetchResult) -> tuple[WebPage, Failure | None]:
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
    if page.cut is None:
        return page, None
    detail = f"the page was read in part: it holds {page.cut}"
    return page, Failure("too_large", detail, result.status)


def _refuse(address: RefusedAddress, page: str) -> CrawlEntry:
    return CrawlEntry(address.url, source_page=page, reason=address.reason, detail=address.detail)


def _clean_text(value: str | None) -> str | None:
    """Return text as PostgreSQL can keep it."""
    return clean_line(value) if value else None
