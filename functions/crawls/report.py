"""Report what became of a crawl job: one pass over its images, one over its failures."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawling.chunks import PAGES, URLS
from shared.crawling.counts import Counts, counts
from shared.models import CrawlChunk, CrawlJob, FetchFailure, Image
from shared.queries.visible import visible_crawl_job
from shared.schemas.crawls import CrawlReport, DedupSavings, FailedUrl

_VALUES = 50
_FAILURES = 200
_SIDES = (256, 512, 1024, 2048, 4096)
# Scheme, perhaps a user, then the host: in brackets, or up to its port, path or query.
_HOST = r"^[A-Za-z]+://(?:[^/?#@]*@)?(\[[^]]*\]|[^/?#:]+)"


def handle(crawl_job_id: UUID, caller: Caller, session: Session) -> CrawlReport:
    """Get a crawl job's report."""
    job = visible_crawl_job(session, caller, crawl_job_id)
    seconds = _seconds(job)
    new, facts = _images(session, job)
    return CrawlReport(
        crawl_job_id=job.id,
        status=job.status,
        outcomes=_outcomes(counts(session, [job.id])[job.id]),
        failure_reasons=_reasons(session, job),
        duration_seconds=seconds,
        images_per_second=round(new / seconds, 3) if seconds else None,
        pages_read=_pages_read(session, job),
        failed_pages=_failed(session, job, PAGES),
        failed_urls=_failed(session, job, URLS),
        **facts,
    )


def _outcomes(count: Counts) -> dict[str, int]:
    outcomes = {
        "downloaded": count.downloaded_images,
        "duplicate": count.duplicate_images,
        "failed": count.failed_images,
    }
    pending = count.total_images - sum(outcomes.values())
    return outcomes | ({"pending": pending} if pending else {})


def _seconds(job: CrawlJob) -> float | None:
    if job.started_at is None:
        return None
    end = job.completed_at or datetime.now(UTC)
    return round(max(0.0, (end - job.started_at).total_seconds()), 3)


def _images(session: Session, job: CrawlJob) -> tuple[int, dict[str, object]]:
    """How many images came in the last run, and what the report says about those that are kept."""
    labels: dict[str, ColumnElement[str]] = {
        "formats": func.coalesce(Image.format, literal("unknown")),
        "sizes": _size(),
        "licenses": func.coalesce(Image.license, literal("unknown")),
        "source_hosts": func.lower(func.substring(Image.original_url, _HOST)),
    }
    image = (
        select(
            *(label.label(name) for name, label in labels.items()),
            Image.file_size,
            Image.is_duplicate,
            Image.image_hash,
            Image.created_at,
        )
        .where(Image.crawl_job_id == job.id)
        .subquery("image")
    )
    columns = [image.c[name] for name in labels]
    kept = func.count().filter(~image.c.is_duplicate)
    copies = image.c.is_duplicate & image.c.image_hash.is_(None)
    rows = session.execute(
        select(
            func.grouping(*columns),
            func.coalesce(*columns),
            kept,
            func.count().filter(image.c.is_duplicate),
            func.coalesce(func.sum(image.c.file_size).filter(~copies), 0),
            func.coalesce(func.sum(image.c.file_size).filter(copies), 0),
            func.count().filter(image.c.created_at >= (job.started_at or job.created_at)),
        )
        .group_by(func.grouping_sets(*(tuple_(column) for column in columns), tuple_()))
        .order_by(kept.desc(), func.coalesce(*columns))
    ).all()
    # The bits of `grouping` tell what a row is not grouped by; the first column is the highest.
    bits = {15 - (8 >> place): name for place, name in enumerate(labels)}
    tallies: dict[str, dict[str, int]] = {name: {} for name in labels}
    total = [0, 0, 0, 0, 0]
    for grouping, value, *figures in rows:
        if grouping not in bits:
            total = [int(figure) for figure in figures]
        elif figures[0] and len(tallies[bits[grouping]]) < _VALUES:
            tallies[bits[grouping]][value] = figures[0]
    _, duplicates, stored_bytes, saved_bytes, new = total
    savings = DedupSavings(images=duplicates, bytes=saved_bytes)
    return new, {**tallies, "total_bytes": stored_bytes, "dedup_savings": savings}


def _size() -> ColumnElement[str]:
    """The longer side's bucket: `0-255`, `256-511` … `4096+`."""
    side = func.greatest(Image.width, Image.height)
    bounds = [0, *_SIDES]
    steps = [(side < high, f"{low}-{high - 1}") for low, high in zip(bounds, _SIDES, strict=False)]
    return case(*steps, else_=f"{_SIDES[-1]}+")


def _reasons(session: Session, job: CrawlJob) -> dict[str, int]:
    number = func.count()
    rows = session.execute(
        select(FetchFailure.reason, number)
        .join(CrawlChunk, CrawlChunk.id == FetchFailure.chunk_id)
        .where(FetchFailure.crawl_job_id == job.id, CrawlChunk.kind != PAGES)
        .group_by(FetchFailure.reason)
        .order_by(number.desc(), FetchFailure.reason)
    )
    return dict(rows.all())


def _pages_read(session: Session, job: CrawlJob) -> int:
    """Pages that were read, well or not at all."""
    pages = select(func.sum(func.jsonb_array_length(CrawlChunk.urls))).where(
        CrawlChunk.crawl_job_id == job.id,
        CrawlChunk.kind == PAGES,
        CrawlChunk.status == "completed",
    )
    return session.scalar(pages) or 0


def _failed(session: Session, job: CrawlJob, kind: str) -> list[FailedUrl]:
    rows = session.scalars(
        select(FetchFailure)
        .join(CrawlChunk, CrawlChunk.id == FetchFailure.chunk_id)
        .where(FetchFailure.crawl_job_id == job.id, CrawlChunk.kind == kind)
        .order_by(FetchFailure.reason, FetchFailure.id)
        .limit(_FAILURES)
    )
    return [FailedUrl.of(row) for row in rows]
