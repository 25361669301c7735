"""List a crawl job's analysis jobs, newest first."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import AnalysisJob
from shared.paging import Page, paginate
from shared.queries.visible import visible_analysis_jobs, visible_crawl_job
from shared.schemas.analyses import AnalysisJobRead
from shared.schemas.kinds import ListQuery


def handle(
    crawl_job_id: UUID, query: ListQuery, caller: Caller, session: Session
) -> Page[AnalysisJobRead]:
    """List analysis jobs."""
    crawl = visible_crawl_job(session, caller, crawl_job_id)
    rows, following = paginate(
        session,
        visible_analysis_jobs(caller).where(AnalysisJob.crawl_job_id == crawl.id),
        [AnalysisJob.id],
        query.limit,
        query.cursor,
    )
    return Page(items=[AnalysisJobRead.of(row) for row in rows], next_cursor=following)
