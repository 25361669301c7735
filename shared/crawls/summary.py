"""Sentences about a crawl job that has ended: why it failed, or what is missing."""

from collections.abc import Sequence

from sqlalchemy import Row, exists, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.crawls.chunks import MANIFEST, PAGES, URLS, VARIANTS
from shared.crawls.conflicts import select_conflicts
from shared.crawls.search_report import describe_searches
from shared.crawls.work import find_validation, list_analysis_jobs
from shared.models import CrawlChunk, CrawlJob, FetchFailure


def explain_failure(session: Session, job: CrawlJob) -> str | None:
    """Return why a job brought nothing: no chunk ended well, or not one page could be read.

    Addresses of images that cannot be reached are not that: each has its own reason.
    """
    total, failed, error = session.execute(
        select(
            func.count(),
            func.count().filter(CrawlChunk.status == "failed"),
            func.max(CrawlChunk.error),
        ).where(CrawlChunk.crawl_job_id == job.id, CrawlChunk.kind != VARIANTS)
    ).one()
    if total and total == failed:
        return error
    return _describe_unread_pages(session, job) if _lacks_pages(session, job) else None


def _lacks_pages(session: Session, job: CrawlJob) -> bool:
    """Return whether a job on pages has read none of them, and found no image in a part of one."""
    if not _lacks_images(session, job):
        return False
    page = func.jsonb_array_elements(CrawlChunk.urls, type_=JSONB).table_valued(
        "value", joins_implicitly=True
    )
    failed = exists().where(
        FetchFailure.chunk_id == CrawlChunk.id,
        FetchFailure.url == page.c.value.op("->>")("url"),
    )
    read = (
        select(page.c.value)
        .select_from(CrawlChunk)
        .where(CrawlChunk.crawl_job_id == job.id, CrawlChunk.kind == PAGES, ~failed)
        .limit(1)
    )
    return session.scalar(read) is None


def _lacks_images(session: Session, job: CrawlJob) -> bool:
    """Return whether a job is one on pages and found no address of an image there."""
    found = exists().where(CrawlChunk.crawl_job_id == job.id, CrawlChunk.kind == URLS)
    return job.source["type"] == "pages" and not session.scalar(select(found))


def describe_shortfalls(session: Session, job: CrawlJob) -> str | None:
    """Return what the owner should know of a job that completes without all that it was to do."""
    found = [
        _describe_manifest(session, job),
        describe_searches(session, job),
        _describe_unread_pages(session, job),
        _describe_bare_pages(session, job),
        _describe_conflicts(session, job),
        _describe_missing_variants(session, job),
        _describe_validation(session, job),
        *_describe_analyses(session, job),
    ]
    return " ".join(filter(None, found)) or None


def _describe_unread_pages(session: Session, job: CrawlJob) -> str | None:
    reasons = _count_reasons(session, job, PAGES)
    if not reasons:
        return None
    pages = session.scalar(
        select(func.sum(func.jsonb_array_length(CrawlChunk.urls))).where(
            CrawlChunk.crawl_job_id == job.id, CrawlChunk.kind == PAGES
        )
    )
    failed, listed = _list_reasons(reasons)
    return f"{failed} of {pages} pages could not be used ({listed}); the report names them."


def _describe_manifest(session: Session, job: CrawlJob) -> str | None:
    """Return where the reading of a manifest ended, and what of it was read otherwise or not."""
    noted = session.execute(
        select(CrawlChunk.status, CrawlChunk.error)
        .where(
            CrawlChunk.crawl_job_id == job.id,
            CrawlChunk.kind == MANIFEST,
            CrawlChunk.error.is_not(None),
        )
        .order_by(CrawlChunk.status != "failed", CrawlChunk.position)
    )
    text = ""
    for status, error in noted:
        if status == "failed":
            text = f"The manifest could not be read to its end: {error}"
        elif error and error not in text:
            text = f"{text} {error}"
    return text.strip() or None


def _describe_bare_pages(session: Session, job: CrawlJob) -> str | None:
    return "No page shows an image." if _lacks_images(session, job) else None


def _describe_conflicts(session: Session, job: CrawlJob) -> str | None:
    number = session.scalar(select(func.count()).select_from(select_conflicts(job).subquery()))
    if not number:
        return None
    return (
        f"Entries that give an image another label or caption than an entry before: {number}. The "
        "first counts; the report names the others."
    )


def _describe_missing_variants(session: Session, job: CrawlJob) -> str | None:
    reasons = _count_reasons(session, job, VARIANTS)
    if not reasons:
        return None
    failed, listed = _list_reasons(reasons)
    return f"Variants of {failed} images could not be made ({listed}); the report names them."


def _describe_validation(session: Session, job: CrawlJob) -> str | None:
    validation = find_validation(session, job.id) if job.options.get("validate") else None
    if validation is None or validation.status == "completed":
        return None
    return f"The validation did not end well: {validation.error or validation.status}"


def _describe_analyses(session: Session, job: CrawlJob) -> list[str]:
    if not job.options.get("analyze"):
        return []
    found = []
    for one in list_analysis_jobs(session, job.id):
        if one.status != "completed":
            found.append(f"The analysis {one.analyzer} did not end well: {one.error or one.status}")
        elif one.failed_images:
            of = one.analyzed_images + one.failed_images + one.skipped_images
            found.append(
                f"The analysis {one.analyzer} failed for {one.failed_images} of {of} images."
            )
    return found


def _count_reasons(session: Session, job: CrawlJob, kind: str) -> Sequence[Row[str, int]]:
    number = func.count()
    return session.execute(
        select(FetchFailure.reason, number)
        .join(CrawlChunk, CrawlChunk.id == FetchFailure.chunk_id)
        .where(CrawlChunk.crawl_job_id == job.id, CrawlChunk.kind == kind)
        .group_by(FetchFailure.reason)
        .order_by(number.desc(), FetchFailure.reason)
    ).all()


def _list_reasons(reasons: Sequence[Row[str, int]]) -> tuple[int, str]:
    """Return how many failures there are, and each reason with its number."""
    return (
        sum(number for _, number in reasons),
        ", ".join(f"{reason}: {number}" for reason, number in reasons),
    )
