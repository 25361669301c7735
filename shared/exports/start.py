"""Start an export job."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.exports.queries import read_export_job
from shared.messaging.messages import ExportRequested
from shared.messaging.outbox import Outbox
from shared.models import ExportJob
from shared.queries.visible import visible_export_jobs
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.exports import ExportJobCreate, ExportJobRead
from shared.states import TERMINAL


def start_export(
    session: Session,
    outbox: Outbox,
    caller: Caller,
    wanted: ExportJobCreate,
    *,
    project_id: UUID,
    crawl_job_id: UUID | None = None,
) -> ExportJobRead:
    """Write the job and the message that sets it to work."""
    live = visible_export_jobs(caller).where(ExportJob.status.not_in(TERMINAL))
    limit = QUOTAS.active_export_jobs
    lock_and_check_quota(session, caller, live, limit, "export jobs at work", retry_after=30)
    job = ExportJob(
        project_id=project_id,
        crawl_job_id=crawl_job_id,
        user_id=caller.id,
        name=wanted.name,
        format=wanted.format,
        export_options=wanted.options.model_dump(mode="json"),
    )
    session.add(job)
    session.flush()
    session.refresh(job)
    outbox.add(ExportRequested(export_job_id=job.id))
    return read_export_job(session, job, None)
