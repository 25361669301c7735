"""Take a crawl job a step further once a part of its work has ended, and complete it after all."""

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from shared.analyses.requests import start_analysis
from shared.crawls.chunks import VARIANTS
from shared.crawls.settling import count_valid_images, end_crawl_job
from shared.crawls.summary import describe_shortfalls, explain_failure
from shared.messaging.messages import WorkSettled
from shared.messaging.outbox import Outbox
from shared.models import AnalysisJob, CrawlChunk, CrawlJob, ValidationJob
from shared.schemas.validations import Rules
from shared.states import LIVE
from shared.validations.start import start_validation

_OF_VARIANTS = CrawlChunk.kind == VARIANTS


def handle(settled: WorkSettled, session: Session, outbox: Outbox) -> None:
    """Settle a crawl job.

    Only what looks like the last chunk takes the job's row, and then looks again: its first look
    may have been older than a retry. What the job asks for follows in order, since analyses are
    for valid images; whoever ends the last piece of a step sends the message that leads here.
    """
    job_id = settled.crawl_job_id
    if _has_live_chunks(session, settled, ~_OF_VARIANTS):
        return
    job = session.scalar(
        select(CrawlJob)
        .where(CrawlJob.id == job_id, CrawlJob.status == "running")
        .with_for_update(key_share=True)
    )
    if job is None or _has_live_chunks(session, settled, ~_OF_VARIANTS):
        return
    if job.stage == "fetching":
        if reason := explain_failure(session, job):
            end_crawl_job(session, outbox, job.id, "failed", error=reason)
            return
        job.stage = "validating"
        count_valid_images(session, job.id)
        if rules := job.options.get("validate"):
            start_validation(
                session, outbox, job.id, job.name, Rules.model_validate(rules), for_crawl=True
            )
    if job.stage == "validating" and not _has_live(session, job, ValidationJob):
        job.stage = "analyzing"
        for analyzer in job.options.get("analyze") or ():
            start_analysis(session, outbox, job.id, analyzer, for_crawl=True)
    session.flush()
    if (
        job.stage == "analyzing"
        and not _has_live(session, job, AnalysisJob)
        and not _has_live_chunks(session, settled, _OF_VARIANTS)
    ):
        end_crawl_job(session, outbox, job.id, "completed", error=describe_shortfalls(session, job))


def _has_live_chunks(session: Session, settled: WorkSettled, kind: ColumnElement[bool]) -> bool:
    live = exists().where(
        CrawlChunk.crawl_job_id == settled.crawl_job_id, CrawlChunk.status.in_(LIVE), kind
    )
    return session.scalar(select(live)) or False


def _has_live(
    session: Session, job: CrawlJob, table: type[ValidationJob] | type[AnalysisJob]
) -> bool:
    """Return whether work of this kind that the job asked for is not done yet."""
    live = exists().where(table.crawl_job_id == job.id, table.for_crawl, table.status.in_(LIVE))
    return session.scalar(select(live)) or False
