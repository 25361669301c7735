"""Complete a crawl job once all its chunks have ended."""

from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from shared.analyses.asking import start_analysis
from shared.crawls.chunks import PAGES
from shared.crawls.settling import end_crawl_job
from shared.messaging.messages import ChunkSettled
from shared.messaging.outbox import Outbox
from shared.models import CrawlChunk, CrawlJob, FetchFailure
from shared.schemas.validations import Rules
from shared.states import LIVE
from shared.validations.start import start_validation


def handle(settled: ChunkSettled, session: Session, outbox: Outbox) -> None:
    """Settle a crawl job.

    Only what looks like the last chunk takes the job's row, and then looks again: its first look
    may have been older than a retry.
    """
    if _has_live_chunks(session, settled):
        return
    job = session.scalar(
        select(CrawlJob)
        .where(CrawlJob.id == settled.crawl_job_id, CrawlJob.status == "running")
        .with_for_update(key_share=True)
    )
    if job is None or _has_live_chunks(session, settled):
        return
    if reason := _explain_failure(session, settled):
        end_crawl_job(session, outbox, job.id, "failed", error=reason)
        return
    end_crawl_job(
        session, outbox, job.id, "completed", error=_describe_unread_pages(session, job.id)
    )
    if rules := job.options.get("validate"):
        start_validation(session, outbox, job.id, job.name, Rules.model_validate(rules))
    for analyzer in job.options.get("analyze") or ():
        start_analysis(session, outbox, job.id, analyzer)


def _has_live_chunks(session: Session, settled: ChunkSettled) -> bool:
    live = exists().where(
        CrawlChunk.crawl_job_id == settled.crawl_job_id, CrawlChunk.status.in_(LIVE)
    )
    return session.scalar(select(live)) or False


def _explain_failure(session: Session, settled: ChunkSettled) -> str | None:
    """Return a chunk's error when no chunk ended well.

    Addresses that cannot be reached are not that: their chunk did its work and ended well.
    """
    total, failed, error = session.execute(
        select(
            func.count(),
            func.count().filter(CrawlChunk.status == "failed"),
            func.max(CrawlChunk.error),
        ).where(CrawlChunk.crawl_job_id == settled.crawl_job_id)
    ).one()
    return error if total and total == failed else None


def _describe_unread_pages(session: Session, crawl_job_id: UUID) -> str | None:
    """Return what the owner should know of pages that gave no images for a reason of their own."""
    of_job = (CrawlChunk.crawl_job_id == crawl_job_id, CrawlChunk.kind == PAGES)
    number = func.count()
    reasons = session.execute(
        select(FetchFailure.reason, number)
        .join(CrawlChunk, CrawlChunk.id == FetchFailure.chunk_id)
        .where(*of_job)
        .group_by(FetchFailure.reason)
        .order_by(number.desc(), FetchFailure.reason)
    ).all()
    if not reasons:
        return None
    pages = session.scalar(
        select(func.sum(func.jsonb_array_length(CrawlChunk.urls))).where(*of_job)
    )
    failed = sum(count for _, count in reasons)
    listed = ", ".join(f"{reason}: {count}" for reason, count in reasons)
    return f"{failed} of {pages} pages could not be used ({listed}); the report names them."
