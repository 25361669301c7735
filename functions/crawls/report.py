"""Report what became of a crawl job: one pass over its images, one over its failures."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.chunks import MAX_PAGES, PAGES, URLS, VARIANTS
from shared.crawls.conflicts import select_conflicts
from shared.crawls.queries import CrawlCounts, read_sources, sum_chunks
from shared.crawls.search_report import list_keyword_searches
from shared.images.queries import extract_host
from shared.models import CrawlChunk, CrawlJob, FetchFailure, Image
from shared.paging import paginate
from shared.queries.visible import visible_crawl_job
from shared.schemas.crawl_options import CrawlOptions
from shared.schemas.crawl_reports import (
    ConflictingEntry,
    CrawlReport,
    DedupSavings,
    FailedUrl,
    FailedVariant,
    ReportQuery,
)

_VALUES = 50
_MAX_NAMED = 200
_SIDES = (256, 512, 1024, 2048, 4096)


def handle(crawl_job_id: UUID, query: ReportQuery, caller: Caller, session: Session) -> CrawlReport:
    """Get a crawl job's report.

    `limit` and `cursor` page through `failed_urls`; all else stays the same from page to page.
    """
    job = visible_crawl_job(session, caller, crawl_job_id)
    counts = sum_chunks(session, [job.id])[job.id]
    given = read_sources(session, [job.id])[job.id].get("url_count")
    limit = CrawlOptions.model_validate(job.options).max_images
    seconds = _measure_duration(job)
    new, facts = _count_images(session, job)
    failed_urls, following = paginate(
        session, _select_failures(job, URLS), [FetchFailure.id], query.limit, query.cursor
    )
    failed_variants = session.scalars(
        _select_failures(job, VARIANTS).order_by(FetchFailure.id).limit(_MAX_NAMED)
    )
    conflicting = session.execute(select_conflicts(job).limit(_MAX_NAMED))
    failed_pages = session.scalars(
        _select_failures(job, PAGES).order_by(FetchFailure.id).limit(MAX_PAGES)
    ).all()
    return CrawlReport(
        crawl_job_id=job.id,
        status=job.status,
        outcomes=_count_outcomes(counts),
        failure_reasons=_count_reasons(session, job, URLS),
        duration_seconds=seconds,
        images_per_second=round(new / seconds, 3) if seconds else None,
        max_images_reached=counts.total_images >= limit if given is None else given > limit,
        left_out_urls=max(0, given - limit) if given else 0,
        pages_read=_count_pages(session, job),
        page_failure_reasons=_count_reasons(session, job, PAGES),
        searches=list_keyword_searches(session, job),
        failed_variants=[FailedVariant.of(row) for row in failed_variants],
        conflicting_entries=[ConflictingEntry.of(row) for row in conflicting],
        failed_pages=_name_addresses(session, failed_pages),
        failed_urls=_name_addresses(session, failed_urls),
        next_cursor=following,
        **facts,
    )


def _count_outcomes(counts: CrawlCounts) -> dict[str, int]:
    outcomes = {
        "downloaded": counts.downloaded_images,
        "duplicate": counts.duplicate_images,
        "failed": counts.failed_images,
    }
    pending = counts.total_images - sum(outcomes.values())
    return outcomes | ({"pending": pending} if pending else {})


def _measure_duration(job: CrawlJob) -> float | None:
    if job.started_at is None:
        return None
    end = job.completed_at or datetime.now(UTC)
    return round(max(0.0, (end - job.started_at).total_seconds()), 3)


def _count_images(session: Session, job: CrawlJob) -> tuple[int, dict[str, object]]:
    """Count the images of the last run, and by their values those that are kept."""
    values: dict[str, ColumnElement[str]] = {
        "formats": func.coalesce(Image.format, literal("unknown")),
        "sizes": _build_size(),
        "licenses": func.coalesce(Image.license, literal("unknown")),
        "source_hosts": extract_host(Image.original_url),
    }
    image = (
        select(
            *(value.label(name) for name, value in values.items()),
            Image.file_size,
            Image.is_duplicate,
            Image.image_hash,
            Image.created_at,
        )
        .where(Image.crawl_job_id == job.id)
        .subquery("image")
    )
    columns = {name: image.c[name] for name in values}
    # Each row is grouped by one of the columns, the others being NULL; the last one by none.
    column = case(
        *((func.grouping(column) == 0, literal(name)) for name, column in columns.items())
    )
    value = func.coalesce(*columns.values())
    kept = func.count().filter(~image.c.is_duplicate)
    copies = image.c.is_duplicate & image.c.image_hash.is_(None)
    rows = session.execute(
        select(
            column,
            value,
            kept,
            func.count().filter(image.c.is_duplicate),
            func.coalesce(func.sum(image.c.file_size).filter(~copies), 0),
            func.coalesce(func.sum(image.c.file_size).filter(copies), 0),
            func.count().filter(image.c.created_at >= (job.started_at or job.created_at)),
        )
        .group_by(func.grouping_sets(*(tuple_(one) for one in columns.values()), tuple_()))
        .order_by(kept.desc(), value)
    ).all()
    tallies: dict[str, dict[str, int]] = {name: {} for name in values}
    total = [0, 0, 0, 0, 0]
    for name, of, *figures in rows:
        if name is None:
            total = [int(figure) for figure in figures]
        elif figures[0] and len(tallies[name]) < _VALUES:
            tallies[name][of] = figures[0]
    _, duplicates, stored_bytes, saved_bytes, new = total
    savings = DedupSavings(images=duplicates, bytes=saved_bytes)
    return new, {**tallies, "total_bytes": stored_bytes, "dedup_savings": savings}


def _build_size() -> ColumnElement[str]:
    """Build the longer side's bucket: `0-255`, `256-511` … `4096+`."""
    side = func.greatest(Image.width, Image.height)
    bounds = [0, *_SIDES]
    steps = [(side < high, f"{low}-{high - 1}") for low, high in zip(bounds, _SIDES, strict=False)]
    return case(*steps, else_=f"{_SIDES[-1]}+")


def _count_reasons(session: Session, job: CrawlJob, kind: str) -> dict[str, int]:
    number = func.count()
    rows = session.execute(
        select(FetchFailure.reason, number)
        .join(CrawlChunk, CrawlChunk.id == FetchFailure.chunk_id)
        .where(FetchFailure.crawl_job_id == job.id, CrawlChunk.kind == kind)
        .group_by(FetchFailure.reason)
        .order_by(number.desc(), FetchFailure.reason)
    )
    return dict(rows.all())


def _count_pages(session: Session, job: CrawlJob) -> int:
    """Return how many pages were searched for images."""
    chunks = (
        CrawlChunk.crawl_job_id == job.id,
        CrawlChunk.kind == PAGES,
        CrawlChunk.status == "completed",
    )
    tried = select(func.coalesce(func.sum(func.jsonb_array_length(CrawlChunk.urls)), 0))
    failed = select(func.count()).join_from(
        FetchFailure, CrawlChunk, CrawlChunk.id == FetchFailure.chunk_id
    )
    read = tried.where(*chunks).scalar_subquery() - failed.where(*chunks).scalar_subquery()
    return session.scalar(select(read)) or 0


def _name_addresses(session: Session, failures: Sequence[FetchFailure]) -> list[FailedUrl]:
    """Return failed addresses with the pages that they stood on, which their chunks tell."""
    entry = func.jsonb_array_elements(CrawlChunk.urls, type_=JSONB).table_valued(
        "value", joins_implicitly=True
    )
    url, page = (entry.c.value.op("->>")(name) for name in ("url", "source_page"))
    rows = session.execute(
        select(CrawlChunk.id, url, page).where(
            CrawlChunk.id.in_({one.chunk_id for one in failures}),
            url.in_({one.url for one in failures}),
            page.is_not(None),
        )
    )
    pages = {(chunk_id, address): found for chunk_id, address, found in rows}
    return [FailedUrl.of(one, source_page=pages.get((one.chunk_id, one.url))) for one in failures]


def _select_failures(job: CrawlJob, kind: str) -> Select[FetchFailure]:
    return (
        select(FetchFailure)
        .join(CrawlChunk, CrawlChunk.id == FetchFailure.chunk_id)
        .where(FetchFailure.crawl_job_id == job.id, CrawlChunk.kind == kind)
    )
