"""Reads web pages breadth-first for the images that they show."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from shared.crawls.chunks import MAX_PAGES
from shared.crawls.entries import CrawlEntry
from shared.crawls.leases import LeasedChunk
from shared.fetching.client import Failure, Fetcher, FetchRequest, FetchResult
from shared.fetching.urls import BadUrl, is_same_host, normalise
from shared.pages.building import ImageLink, RefusedAddress, WebPage
from shared.pages.reading import read_page
from shared.rights.directives import explain_directives, parse_directives
from shared.texts import clean_line

_MAX_BYTES = 5 * 1024 * 1024


@dataclass
class SpiderResult:
    """The images and pages that reading pages brought; for `unfinished` ones there was no time."""

    images: dict[str, CrawlEntry] = field(default_factory=dict)
    read: list[CrawlEntry] = field(default_factory=list)
    failed: list[tuple[CrawlEntry, Failure]] = field(default_factory=list)
    unfinished: list[CrawlEntry] = field(default_factory=list)


class Spider:
    """Reads a chunk's pages and, as deep as the source says, those that they link to."""

    def __init__(self, chunk: LeasedChunk) -> None:
        self.result = SpiderResult()
        self._respect_robots = chunk.options.respect_robots
        self._max_depth: int = chunk.source["max_depth"]
        self._same_host: bool = chunk.source["same_host"]
        self._alone = chunk.attempt > 1
        self._known = chunk.known
        self._room = chunk.options.max_images - len(chunk.known.images)
        self._seen = set(chunk.known.pages)

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
        level = [entry for entry in entries if self._is_new(entry.url)]
        while level and len(self.result.images) < self._room:
            following: list[CrawlEntry] = []
            requests = (
                FetchRequest(entry.url, kind="page", max_bytes=_MAX_BYTES, tag=entry)
                for entry in level
            )
            for result in fetcher.fetch_all(
                requests, check, respect_robots=self._respect_robots, deadline=deadline
            ):
                following += self._receive(result)
            level = following
            if self.result.unfinished or self._alone:
                self.result.unfinished += level
                return

    def _receive(self, result: FetchResult) -> list[CrawlEntry]:
        """Read one page; return the pages that it leads to."""
        entry: CrawlEntry = result.request.tag
        if result.error is not None:
            if result.error.reason == "deadline":
                self.result.unfinished.append(entry)
            else:
                self.result.failed.append((entry, result.error))
            return []
        self._is_new(result.url_final)
        media_type = result.headers.get("content-type", "text/html").lower()
        if media_type.startswith("image/"):
            self.result.read.append(entry)
            self._add(ImageLink(result.url_final))
            return []
        if "html" not in media_type and "xml" not in media_type:
            failure = Failure("not_a_page", f"the server sent {media_type[:100]}", result.status)
            self.result.failed.append((entry, failure))
            return []
        page = read_page(result.body or b"", result.url_final, media_type)
        directives = page.directives | parse_directives(result.headers.get("x-robots-tag", ""))
        refusal = explain_directives(directives, "the page") if self._respect_robots else None
        if refusal:
            self.result.failed.append((entry, refusal))
            return []
        if page.cut:
            detail = f"the page was read in part: it holds {page.cut}"
            self.result.failed.append((entry, Failure("too_large", detail, result.status)))
        else:
            self.result.read.append(entry)
        for image in page.images:
            self._add(image)
        for refused in page.refused:
            if refused.kind == "image":
                self._add_entry(_refuse(refused, result.url_final))
        if self._respect_robots and directives & {"nofollow", "none"}:
            return []
        return self._follow_refresh(entry, page) + self._find_links(entry, page, result.url_final)

    def _follow_refresh(self, entry: CrawlEntry, page: WebPage) -> list[CrawlEntry]:
        """Return the page that this one sends its readers to, which is a redirect in HTML."""
        url = page.refresh.url if page.refresh else None
        leads_away = url and entry.depth and self._same_host and not is_same_host(url, entry.url)
        if url is None or leads_away or not self._is_new(url):
            return []
        return [CrawlEntry(url, depth=entry.depth)]

    def _find_links(self, entry: CrawlEntry, page: WebPage, url_final: str) -> list[CrawlEntry]:
        if entry.depth >= self._max_depth:
            return []
        # Where the first page redirects to is home; a link that leads away is not followed on.
        home = entry.url if entry.depth else url_final
        if self._same_host and not is_same_host(url_final, home):
            return []
        for refused in page.refused:
            if refused.kind == "page" and self._is_wanted(refused.url, home):
                failure = Failure(refused.reason, refused.detail)
                self.result.failed.append((_refuse(refused, url_final), failure))
        return [
            CrawlEntry(link, source_page=url_final, depth=entry.depth + 1)
            for link in page.links
            if self._is_wanted(link, home)
        ]

    def _is_wanted(self, link: str, home: str) -> bool:
        """Return whether a link is to be followed from a page of the site `home`."""
        return (not self._same_host or is_same_host(link, home)) and self._is_new(link)

    def _is_new(self, url: str) -> bool:
        """Return whether a page is to be read: met for the first time, and within the limit."""
        with suppress(BadUrl):  # the fetcher says what is wrong with it
            url = normalise(url)
        if url in self._seen or len(self._seen) >= MAX_PAGES:
            return False
        self._seen.add(url)
        return True

    def _add(self, image: ImageLink) -> None:
        self._add_entry(
            CrawlEntry(
                image.url,
                caption=_text(image.alt or image.caption or image.title),
                license=_text(image.license),
                attribution=_text(image.attribution),
                source_page=image.source_page,
            )
        )

    def _add_entry(self, entry: CrawlEntry) -> None:
        known = entry.url in self._known.images or entry.url in self.result.images
        if not known and len(self.result.images) < self._room:
            self.result.images[entry.url] = entry


def _refuse(address: RefusedAddress, page: str) -> CrawlEntry:
    return CrawlEntry(address.url, source_page=page, reason=address.reason, detail=address.detail)


def _text(value: str | None) -> str | None:
    """Return text as PostgreSQL can keep it."""
    return clean_line(value) if value else None
