"""Cancel a crawl job at once; what its workers bring after that is not kept."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.analyses.jobs import cancel_job
from shared.calls import Caller
from shared.crawls.queries import read_crawl_job
from shared.crawls.settling import end_crawl_job
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.models import AnalysisJob
from shared.queries.visible import visible_analysis_jobs, visible_crawl_job
from shared.schemas.crawls import CrawlJobRead
from shared.states import TERMINAL
from shared.validations.settling import cancel_validations


def handle(crawl_job_id: UUID, caller: Caller, session: Session, outbox: Outbox) -> CrawlJobRead:
    """Cancel a crawl job."""
    job = visible_crawl_job(session, caller, crawl_job_id, lock=True)
    if job.status in TERMINAL:
        raise Conflict("The crawl job has ended already.")
    cancel_validations(session, outbox, job.id)
    for analysis_job in session.scalars(
        visible_analysis_jobs(caller)
        .where(
            AnalysisJob.crawl_job_id == job.id,
            AnalysisJob.for_crawl,
            AnalysisJob.status.not_in(TERMINAL),
        )
        .with_for_update(of=AnalysisJob)
    ):
        cancel_job(session, outbox, analysis_job)
    end_crawl_job(session, outbox, job.id, "cancelled")
    session.refresh(job)
    return read_crawl_job(session, job)
