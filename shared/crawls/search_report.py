"""The searches of a job by keywords: how far each engine came, and which ended early."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from shared.crawls.chunks import KEYWORDS, URLS
from shared.crawls.entries import CrawlEntry
from shared.crawls.search_progress import COMPLETE, EngineProgress, read_progress
from shared.models import CrawlChunk, CrawlJob
from shared.schemas.crawl_reports import KeywordSearch


def list_keyword_searches(session: Session, job: CrawlJob) -> list[KeywordSearch]:
    """Return the searches of a job, by keyword and engine in the order of its source."""
    chunks = session.scalars(
        select(CrawlChunk.urls)
        .where(CrawlChunk.crawl_job_id == job.id, CrawlChunk.kind == KEYWORDS)
        .order_by(CrawlChunk.position)
    )
    entries = [CrawlEntry.parse(given) for urls in chunks for given in urls or []]
    return [
        KeywordSearch(
            keyword=entry.url,
            label=entry.label,
            engine=name,
            pages=one.pages,
            results=one.rank,
            found=one.found,
            end=one.end,
            detail=one.detail,
            retryable=one.retryable,
        )
        for entry in sorted(entries, key=lambda entry: entry.position or 0)
        for name, one in _sort(read_progress(entry), job)
    ]


def _sort(
    progress: Mapping[str, EngineProgress], job: CrawlJob
) -> list[tuple[str, EngineProgress]]:
    return [(name, progress[name]) for name in job.source["engines"] if name in progress]


def describe_searches(session: Session, job: CrawlJob) -> str | None:
    """Return which engines ended early, and whether nothing was found at all."""
    if job.source["type"] != "keywords":
        return None
    error = session.scalar(
        select(CrawlChunk.error).where(
            CrawlChunk.crawl_job_id == job.id,
            CrawlChunk.kind == KEYWORDS,
            CrawlChunk.status == "failed",
        )
    )
    sentences = [f"The search did not come to its end: {error}"] if error else []
    searches = list_keyword_searches(session, job)
    failed: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in searches:
        if one.end not in (None, COMPLETE):
            failed[one.engine][one.end] += 1
    keywords = len({(one.label, one.keyword) for one in searches})
    for engine, reasons in failed.items():
        listed = ", ".join(f"{reason}: {number}" for reason, number in reasons.most_common())
        sentences.append(
            f"The search ended early at {engine} for {reasons.total()} of {keywords} keywords "
            f"({listed}); the report says why."
        )
    found = exists().where(CrawlChunk.crawl_job_id == job.id, CrawlChunk.kind == URLS)
    if not session.scalar(select(found)):
        sentences.append("No engine found an image.")
    return " ".join(sentences) or None
