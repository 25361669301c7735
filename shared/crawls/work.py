"""The work that a crawl job owes beside its images: variants, its validation, its analyses."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shared.crawls.chunks import VARIANTS
from shared.models import AnalysisJob, CrawlChunk, CrawlJob, ValidationJob
from shared.schemas.crawls import CrawlWork, WorkCount
from shared.states import TERMINAL

_NO_WORK = WorkCount(total=0, done=0, failed=0)


def read_work(stored: Mapping[str, Any]) -> CrawlWork:
    """Return the work that an ended job's row holds; jobs that are older have none."""
    nothing = dict.fromkeys(CrawlWork.model_fields, _NO_WORK)
    return CrawlWork.model_validate(nothing | dict(stored))


def count_work(session: Session, crawl_job_id: UUID) -> CrawlWork:
    """Return how much a crawl job was asked for in its last run, and what has become of it yet."""
    return CrawlWork(
        variants=_count_variants(session, crawl_job_id),
        validation=_count_validation(session, crawl_job_id),
        analyses=_count_analyses(session, crawl_job_id),
    )


def find_validation(session: Session, crawl_job_id: UUID) -> ValidationJob | None:
    """Return the last validation that the crawl job itself asked for."""
    return session.scalar(
        select(ValidationJob)
        .where(ValidationJob.crawl_job_id == crawl_job_id, ValidationJob.for_crawl)
        .order_by(ValidationJob.id.desc())
        .limit(1)
    )


def list_analysis_jobs(session: Session, crawl_job_id: UUID) -> list[AnalysisJob]:
    """Return the last analysis job of each analyzer that the crawl job itself asked for."""
    return list(
        session.scalars(
            select(AnalysisJob)
            .where(AnalysisJob.crawl_job_id == crawl_job_id, AnalysisJob.for_crawl)
            .ext(distinct_on(AnalysisJob.analyzer))
            .order_by(AnalysisJob.analyzer, AnalysisJob.id.desc())
        )
    )


def lacks_work(session: Session, job: CrawlJob) -> bool:
    """Return whether a validation or analysis that an ended job asked for did not end well."""
    validation = find_validation(session, job.id) if job.options.get("validate") else None
    if validation is not None and validation.status != "completed":
        return True
    analyses = list_analysis_jobs(session, job.id) if job.options.get("analyze") else []
    return any(one.status != "completed" or one.failed_images for one in analyses)


def _count_variants(session: Session, crawl_job_id: UUID) -> WorkCount:
    total, done, failed = session.execute(
        select(
            func.coalesce(func.sum(CrawlChunk.url_count), 0),
            func.coalesce(func.sum(CrawlChunk.downloaded), 0),
            func.coalesce(func.sum(CrawlChunk.failed), 0),
        ).where(CrawlChunk.crawl_job_id == crawl_job_id, CrawlChunk.kind == VARIANTS)
    ).one()
    return WorkCount(total=total, done=done, failed=failed)


def _count_validation(session: Session, crawl_job_id: UUID) -> WorkCount:
    job = find_validation(session, crawl_job_id)
    if job is None:
        return _NO_WORK
    done = job.validated_images
    total = max(done, job.total_images)
    return WorkCount(total=total, done=done, failed=_count_lost(job.status, total - done))


def _count_analyses(session: Session, crawl_job_id: UUID) -> WorkCount:
    total = done = failed = 0
    for job in list_analysis_jobs(session, crawl_job_id):
        ended = job.analyzed_images + job.skipped_images + job.failed_images
        total += max(ended, job.total_images)
        done += job.analyzed_images + job.skipped_images
        failed += job.failed_images + _count_lost(job.status, job.total_images - ended)
    return WorkCount(total=total, done=done, failed=failed)


def _count_lost(status: str, left: int) -> int:
    """Return how many images an ended job did not come to."""
    return max(0, left) if status in TERMINAL else 0
