"""Ask an analyzer about every valid image of a crawl job."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.analyses.analyzers import find_analyzer
from shared.analyses.requests import start_analysis
from shared.calls import Caller
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.models import AnalysisJob
from shared.queries.named import check_analyzers
from shared.queries.visible import visible_analysis_jobs, visible_crawl_job
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.analyses import AnalysisCreate, AnalysisJobRead
from shared.settings import Settings
from shared.states import TERMINAL
from shared.versions.references import check_version


def handle(
    crawl_job_id: UUID,
    wanted: AnalysisCreate,
    caller: Caller,
    session: Session,
    settings: Settings,
    outbox: Outbox,
) -> AnalysisJobRead:
    """Create an analysis job.

    While one of the same analyzer is at work on the crawl job, that one is the answer, if it is of
    the same version.
    """
    crawl = visible_crawl_job(session, caller, crawl_job_id)
    check_analyzers(session, caller, [wanted.analyzer])
    check_version(session, caller, wanted.version_id)
    if crawl.status not in TERMINAL:
        raise Conflict("The crawl has not ended; wait for it, or set its option `analyze`.")
    find_analyzer(session, settings, wanted.analyzer, caller.id)
    live = visible_analysis_jobs(caller).where(AnalysisJob.status.not_in(TERMINAL))
    limit = QUOTAS.active_analysis_jobs
    lock_and_check_quota(session, caller, live, limit, "analysis jobs at work", retry_after=10)
    job = start_analysis(
        session,
        outbox,
        crawl.id,
        wanted.analyzer,
        force=wanted.force,
        version_id=wanted.version_id,
    )
    if job.version_id != wanted.version_id:
        raise Conflict(
            "This analyzer is at work on the crawl job for another version; wait for it."
        )
    return AnalysisJobRead.of(job)
