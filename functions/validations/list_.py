"""List a crawl job's validation jobs, newest first."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import ValidationJob
from shared.paging import Page, paginate
from shared.queries.visible import visible_crawl_job, visible_validation_jobs
from shared.schemas.kinds import ListQuery
from shared.schemas.validations import ValidationJobRead


def handle(
    crawl_job_id: UUID, query: ListQuery, caller: Caller, session: Session
) -> Page[ValidationJobRead]:
    """List validation jobs."""
    crawl = visible_crawl_job(session, caller, crawl_job_id)
    rows, following = paginate(
        session,
        visible_validation_jobs(caller).where(ValidationJob.crawl_job_id == crawl.id),
        [ValidationJob.id],
        query.limit,
        query.cursor,
    )
    return Page(items=[ValidationJobRead.of(row) for row in rows], next_cursor=following)
