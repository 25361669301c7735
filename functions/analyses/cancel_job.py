"""Stop an analysis job: what waits is dropped or has failed, what is at work is kept."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.analyses.jobs import cancel_job
from shared.calls import Caller
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_analysis_job
from shared.schemas.analyses import AnalysisJobRead
from shared.states import TERMINAL


def handle(
    analysis_job_id: UUID, caller: Caller, session: Session, outbox: Outbox
) -> AnalysisJobRead:
    """Cancel an analysis job."""
    job = visible_analysis_job(session, caller, analysis_job_id, lock=True)
    if job.status in TERMINAL:
        raise Conflict(f"The analysis job has ended: it is {job.status}.")
    cancel_job(session, outbox, job)
    session.refresh(job)
    return AnalysisJobRead.of(job)
