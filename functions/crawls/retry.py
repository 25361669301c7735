"""Run again what failed in a crawl job, as far as it may succeed now."""

from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.chunks import reopen_failures
from shared.crawls.limits import check_crawl_quota
from shared.crawls.queries import read_crawl_job
from shared.crawls.work import lacks_work
from shared.errors import Conflict
from shared.messaging.messages import CrawlRequested, WorkSettled
from shared.messaging.outbox import Outbox
from shared.models import CrawlChunk, CrawlJob
from shared.queries.visible import visible_crawl_job
from shared.schemas.crawls import CrawlJobRead
from shared.states import TERMINAL


def handle(crawl_job_id: UUID, caller: Caller, session: Session, outbox: Outbox) -> CrawlJobRead:
    """Retry a crawl job."""
    job = visible_crawl_job(session, caller, crawl_job_id)
    if job.source["type"] == "manifest" and "uri" not in job.source:
        raise Conflict("The manifest was never sent; create another one.")
    check_crawl_quota(session, caller)
    was_cancelled = job.status == "cancelled"
    is_planned = session.scalar(select(exists().where(CrawlChunk.crawl_job_id == job.id)))
    begun = session.scalar(
        update(CrawlJob)
        .where(CrawlJob.id == job.id, CrawlJob.status.in_(TERMINAL), CrawlJob.deleted_at.is_(None))
        .values(
            status="running" if is_planned else "pending",
            stage="fetching",
            error=None,
            started_at=func.now() if is_planned else None,
            completed_at=None,
        )
        .returning(CrawlJob.id)
        .execution_options(synchronize_session=False)
    )
    if begun is None:
        raise Conflict("The crawl job is at work; wait until it has ended, or cancel it.")
    if not is_planned:
        outbox.add(CrawlRequested(crawl_job_id=job.id))
    elif not reopen_failures(session, outbox, job.id, job.options["chunk_size"]):
        if not was_cancelled and not lacks_work(session, job):
            raise Conflict("There is nothing to retry: nothing failed for a reason that may pass.")
        outbox.add(WorkSettled(crawl_job_id=job.id))
    session.refresh(job)
    return read_crawl_job(session, job)
