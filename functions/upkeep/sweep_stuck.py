"""Hand out again what lost its worker or its message."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.analyses.work import resend_stuck_analyses
from shared.crawls.chunks import make_chunk_message
from shared.crawls.manifest_files import AWAITS_FILE
from shared.crawls.recovery import recover_chunk
from shared.exports.recovery import resend_stuck_exports
from shared.inference.waiting import look_for_files, send_predictions_again
from shared.messaging.fair_queue import forget_lost
from shared.messaging.messages import (
    CrawlRequested,
    SweepDue,
    ValidationRequested,
    VersionRequested,
    WorkSettled,
    list_shared,
)
from shared.messaging.outbox import Outbox
from shared.models import CrawlChunk, CrawlJob, DatasetVersion, ValidationJob
from shared.settings import Settings
from shared.states import LIVE
from shared.storage.bucket import Storage
from shared.verifications.recovery import resend_stuck_verifications
from shared.webhooks.claims import resend_due_webhooks

_BATCH = 500
# A message may wait this long in a queue before it counts as lost. Sending it again does no harm.
_LOST_AFTER = timedelta(minutes=15)


def handle(
    due: SweepDue, storage: Storage, settings: Settings, session: Session, outbox: Outbox
) -> None:
    """Send stuck work again; give up what fails every time."""
    look_for_files(session, outbox, storage, settings, _LOST_AFTER, _BATCH)
    _send_chunks_again(session, outbox)
    _send_plans_again(session, outbox)
    _settle_again(session, outbox)
    _send_jobs_again(session, outbox)
    resend_stuck_exports(session, outbox, _LOST_AFTER, _BATCH)
    resend_stuck_analyses(session, outbox, _LOST_AFTER, _BATCH)
    resend_stuck_verifications(session, outbox, _LOST_AFTER, _BATCH)
    send_predictions_again(session, outbox, _LOST_AFTER, _BATCH)
    resend_due_webhooks(session, outbox, _BATCH)
    forget_lost(session)
    outbox.topics |= {message.topic for message in list_shared()}


def _send_chunks_again(session: Session, outbox: Outbox) -> None:
    """Hand out chunks that lost their worker, or their message, or whose hosts open again."""
    lost = session.execute(
        select(CrawlChunk.crawl_job_id, CrawlChunk.id)
        .where(CrawlChunk.status == "running", CrawlChunk.lease_expires_at < func.now())
        .limit(_BATCH)
    ).all()
    for crawl_job_id, chunk_id in lost:
        recover_chunk(session, outbox, crawl_job_id, chunk_id)
    pending = select(CrawlChunk).where(CrawlChunk.status == "pending")
    due = pending.where(CrawlChunk.due_at <= func.now()).order_by(CrawlChunk.due_at)
    silent = pending.where(CrawlChunk.due_at.is_(None), _is_untouched(CrawlChunk.updated_at))
    for chunk in [
        *session.scalars(due.limit(_BATCH).with_for_update(skip_locked=True)),
        *session.scalars(silent.limit(_BATCH).with_for_update(skip_locked=True)),
    ]:
        chunk.updated_at, chunk.due_at = func.now(), None
        outbox.add(make_chunk_message(chunk.kind, chunk.crawl_job_id, chunk.id))


def _send_plans_again(session: Session, outbox: Outbox) -> None:
    """Plan crawl jobs whose planning was lost."""
    for job in session.scalars(
        select(CrawlJob)
        .where(CrawlJob.status == "pending", ~AWAITS_FILE, _is_untouched(CrawlJob.updated_at))
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ):
        job.updated_at = func.now()
        outbox.add(CrawlRequested(crawl_job_id=job.id))


def _settle_again(session: Session, outbox: Outbox) -> None:
    """Settle running jobs without a live chunk: the message that would do so may be lost."""
    live_chunk = exists().where(CrawlChunk.crawl_job_id == CrawlJob.id, CrawlChunk.status.in_(LIVE))
    for job in session.scalars(
        select(CrawlJob)
        .where(CrawlJob.status == "running", ~live_chunk, _is_untouched(CrawlJob.updated_at))
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ):
        job.updated_at = func.now()
        outbox.add(WorkSettled(crawl_job_id=job.id))


def _send_jobs_again(session: Session, outbox: Outbox) -> None:
    for version in session.scalars(
        select(DatasetVersion)
        .where(DatasetVersion.status.in_(LIVE), _is_untouched(DatasetVersion.updated_at))
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ):
        version.updated_at = func.now()
        outbox.add(VersionRequested(version_id=version.id))
    for validation in session.scalars(
        select(ValidationJob)
        .where(ValidationJob.status.in_(LIVE), _is_untouched(ValidationJob.updated_at))
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ):
        validation.updated_at = func.now()
        outbox.add(ValidationRequested(validation_job_id=validation.id, after=validation.position))


def _is_untouched(updated_at: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
    return updated_at < func.now() - _LOST_AFTER
