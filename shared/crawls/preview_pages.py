"""First pages of a source, read once as a crawl would read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.crawls.chunks import PAGES
from shared.crawls.entries import CrawlEntry
from shared.crawls.leases import LeasedChunk
from shared.crawls.listing import list_entries
from shared.crawls.preview_pictures import PreviewCandidate, make_candidates
from shared.crawls.spider import PageSummary, Spider
from shared.fetching.client import Failure, Fetcher
from shared.models.base import new_id
from shared.schemas.crawl_options import CrawlOptions
from shared.schemas.source_previews import SourcePreviewOptions
from shared.schemas.sources import PagesSource

MAX_LISTED = 3
_LATE = Failure("timeout", "the page took longer than a preview waits")


@dataclass(frozen=True)
class PreviewPage:
    """A page as it was read: its title, its images, and the pages that a crawl would go on to."""

    url: str
    title: str | None
    images: int
    links: int
    further_pages: int
    reason: str | None
    detail: str | None


@dataclass(frozen=True)
class PreviewPages:
    """The first pages, and the images that a crawl would take from them; others are `left_out`."""

    pages: list[PreviewPage]
    candidates: list[PreviewCandidate]
    left_out: int


def read_first_pages(
    source: PagesSource,
    options: SourcePreviewOptions,
    project_id: UUID,
    user_id: UUID,
    fetcher: Fetcher,
    deadline: float,
) -> PreviewPages:
    """Read the first pages that a source lists, none that they lead to, and no sitemaps."""
    entries = [CrawlEntry.parse(one) for one in list_entries(source.pages[:MAX_LISTED])]
    chunk = LeasedChunk(
        id=new_id(),
        attempt=2,  # which reads the chunk's own pages alone, and leaves what they lead to
        kind=PAGES,
        entries=tuple(entries),
        crawl_job_id=new_id(),
        project_id=project_id,
        user_id=user_id,
        source=_dump(source),
        options=CrawlOptions(respect_robots=options.respect_robots, rights=options.rights),
    )
    spider = Spider(chunk, fetcher, patience=0)
    spider.run(entries, lambda: None, deadline)
    result = spider.result
    failures = {entry.url: failure for entry, failure in [*result.failed, *result.waiting]}
    late = {entry.url for entry in result.unfinished if not entry.depth}
    onward = [entry for entry in result.unfinished if entry.depth]
    pages = [
        _describe(
            entry,
            result.summaries.get(entry.url),
            _LATE if entry.url in late else failures.get(entry.url),
            onward,
        )
        for entry in entries
    ]
    candidates = make_candidates(result.images.values())
    return PreviewPages(pages, candidates, max(0, len(source.pages) - MAX_LISTED))


def _describe(
    entry: CrawlEntry,
    summary: PageSummary | None,
    failure: Failure | None,
    onward: Sequence[CrawlEntry],
) -> PreviewPage:
    reason, detail = (failure.reason, failure.detail) if failure else (None, None)
    if summary is None:
        return PreviewPage(entry.url, None, 0, 0, 0, reason, detail)
    further = sum(one.source_page == summary.url for one in onward)
    return PreviewPage(
        summary.url, summary.title, summary.images, summary.links, further, reason, detail
    )


def _dump(source: PagesSource) -> dict[str, Any]:
    """Return a source as the job would hold it, without its addresses and its sitemaps."""
    given = source.model_dump(mode="json", exclude={"pages"})
    return {**given, "sitemap": False}
