"""Reading pages level by level, over answers that are given."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID

from shared.crawls.entries import CrawlEntry
from shared.crawls.leases import KnownAddresses, LeasedChunk
from shared.crawls.spider import Spider, SpiderResult
from shared.fetching.client import FetchRequest, FetchResult
from shared.fetching.exchange import OUT_OF_TIME
from shared.schemas.crawl_options import CrawlOptions

SITE = "http://a.example"
NOBODY = UUID(int=0)


@dataclass
class Answers:
    """A site's pages by path; those that it lacks come too late."""

    pages: Mapping[str, str]
    asked: list[str] = field(default_factory=list)
    site_files: dict[str, bytes] = field(default_factory=dict)

    def fetch_all(
        self, requests: Iterable[FetchRequest], *_: Any, **__: Any
    ) -> Iterator[FetchResult]:
        for request in requests:
            path = request.url.removeprefix(SITE)
            self.asked.append(path)
            body = self.pages.get(path)
            error = OUT_OF_TIME if body is None else None
            data = body.encode() if body else None
            yield FetchResult(request, request.url, 200, {}, data, error, 0.0, 1)


def run(
    pages: Mapping[str, str], *entries: CrawlEntry, attempt: int = 1, known: Iterable[str] = ()
) -> tuple[SpiderResult, list[str]]:
    """Read a chunk of pages; return what came of it, and the paths that were asked for."""
    given = tuple(entries) or (CrawlEntry(f"{SITE}/"),)
    chunk = LeasedChunk(
        *(NOBODY, attempt, "pages", given, NOBODY, NOBODY, NOBODY),
        source={"max_depth": 1, "same_host": True},
        options=CrawlOptions(),
        known=KnownAddresses(pages=frozenset(f"{SITE}{path}" for path in known)),
    )
    answers = Answers(pages)
    spider = Spider(chunk, answers, 60)  # type: ignore[arg-type]
    spider.run(given, lambda: None, monotonic() + 60)
    return spider.result, answers.asked


def meta(path: str) -> str:
    """HTML that sends its readers on at once."""
    return f'<meta http-equiv=refresh content="0;url={path}">'


def list_urls(entries: Iterable[CrawlEntry]) -> list[str]:
    """The paths of entries."""
    return [entry.url.removeprefix(SITE) for entry in entries]


def test_at_a_second_attempt_a_redirecting_page_is_read_to_its_end() -> None:
    pages = {"/": meta("/1"), "/1": meta("/2"), "/2": '<img src=/a.jpg><a href="/3">more</a>'}
    result, asked = run(pages, attempt=2)
    assert asked == ["/", "/1", "/2"]
    assert (list_urls(result.read), list_urls(result.unfinished)) == (["/"], ["/3"])
    assert list(result.images) == [f"{SITE}/a.jpg"]
    assert not result.failed


def test_a_chain_that_time_ends_goes_on_where_it_was() -> None:
    result, _ = run({"/": meta("/1"), "/1": meta("/2")})
    (left,) = result.unfinished
    assert (left.url, left.refreshes) == (f"{SITE}/", (f"{SITE}/1", f"{SITE}/2"))
    result, asked = run({"/2": "<img src=/a.jpg>"}, CrawlEntry.parse(left.to_json()))
    assert (asked, list_urls(result.read), len(result.images)) == (["/2"], ["/"], 1)


def test_a_page_that_leads_to_one_of_another_chunk_is_read() -> None:
    result, asked = run({"/": meta("/1")}, known=["/1"])
    assert (asked, list_urls(result.read), result.failed) == (["/"], ["/"], [])
