"""Show an analysis job."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.queries.visible import visible_analysis_job
from shared.schemas.analyses import AnalysisJobRead


def handle(analysis_job_id: UUID, caller: Caller, session: Session) -> AnalysisJobRead:
    """Get an analysis job."""
    return AnalysisJobRead.of(visible_analysis_job(session, caller, analysis_job_id))
