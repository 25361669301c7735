"""List the analyses that a job asked for, newest first."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import ImageAnalysis
from shared.paging import Page, paginate
from shared.queries.visible import visible_analyses, visible_analysis_job
from shared.schemas.analyses import AnalysisJobQuery, AnalysisRead


def handle(
    analysis_job_id: UUID, query: AnalysisJobQuery, caller: Caller, session: Session
) -> Page[AnalysisRead]:
    """List a job's analyses; those that failed say why."""
    job = visible_analysis_job(session, caller, analysis_job_id)
    statement = visible_analyses(caller).where(ImageAnalysis.analysis_job_id == job.id)
    if query.status is not None:
        statement = statement.where(ImageAnalysis.status == query.status)
    rows, following = paginate(session, statement, [ImageAnalysis.id], query.limit, query.cursor)
    return Page(items=[AnalysisRead.of(row) for row in rows], next_cursor=following)
