"""Verification chunks that lost their worker or message, and jobs that lost theirs.

As with chunks of a crawl, a chunk that lost its worker goes on in halves, until what ends workers
is alone; twice alone it is given up.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.messaging.messages import VerificationChunkReady, VerificationRequested
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob, VerificationChunk, VerificationJob, VerificationResult
from shared.states import LIVE
from shared.verifications.chunks import (
    KILLED,
    LeasedVerification,
    assign_chunks,
    delete_chunk,
    lease_verification,
)
from shared.verifications.settling import advance_verification, fail_verification_chunk

_MAX_LOST_WORKERS = 2  # one loss may be an accident of the machine


def claim_verification(
    session: Session, outbox: Outbox, chunk_id: UUID, seconds: int
) -> LeasedVerification | None:
    """Lease a chunk that waits, for so many seconds; recover one that has lost its worker.

    Return None when it does not wait.
    """
    chunk = lease_verification(session, chunk_id, seconds)
    if chunk is None:
        recover_verification(session, outbox, chunk_id)
    return chunk


def recover_verification(session: Session, outbox: Outbox, chunk_id: UUID) -> None:
    """Hand out again a chunk whose lease has run out: as two halves, or, alone in it, whole.

    Do nothing where it has not lost its worker, or where others hold it or its job just now.
    """
    lost = (
        VerificationChunk.id == chunk_id,
        VerificationChunk.status == "running",
        VerificationChunk.lease_expires_at < func.now(),
    )
    chunk = session.scalar(select(VerificationChunk).where(*lost))
    if chunk is None:
        return
    job = _lock_in_order(session, chunk)
    again = select(VerificationChunk).where(*lost).execution_options(populate_existing=True)
    if job is None or session.scalar(again.with_for_update(skip_locked=True)) is None:
        return
    in_chunk = VerificationResult.chunk_id == chunk.id
    left = session.scalar(select(func.count()).where(in_chunk)) or 0
    if left > 1:
        assign_chunks(session, outbox, job.id, in_chunk, size=(left + 1) // 2)
        delete_chunk(session, chunk.id)
        return
    chunk.lost_workers += 1
    if chunk.lost_workers < _MAX_LOST_WORKERS:
        chunk.status, chunk.lease_expires_at = "pending", None
        session.flush()
        outbox.add(VerificationChunkReady(verification_job_id=job.id, chunk_id=chunk.id))
    else:
        detail = f"Its worker died {chunk.lost_workers} times with nothing else at work."
        fail_verification_chunk(session, outbox, job, chunk.id, reason=KILLED, detail=detail)


def resend_stuck_verifications(
    session: Session, outbox: Outbox, lost_after: timedelta, limit: int
) -> None:
    """Send again what lost its worker or its message; end jobs of which nothing is left to do."""
    chunk, job = VerificationChunk, VerificationJob
    for chunk_id in session.scalars(
        select(chunk.id)
        .where(chunk.status == "running", chunk.lease_expires_at < func.now())
        .limit(limit)
    ).all():
        recover_verification(session, outbox, chunk_id)
    for waiting in session.scalars(
        select(chunk)
        .where(chunk.status == "pending", chunk.updated_at < func.now() - lost_after)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ):
        waiting.updated_at = func.now()
        outbox.add(
            VerificationChunkReady(
                verification_job_id=waiting.verification_job_id, chunk_id=waiting.id
            )
        )
    for idle in session.scalars(
        select(job)
        .where(job.status.in_(LIVE), job.updated_at < func.now() - lost_after)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all():
        idle.updated_at = func.now()
        if idle.planned_at is None:
            outbox.add(VerificationRequested(verification_job_id=idle.id, after=idle.position))
        else:
            advance_verification(session, outbox, idle)


def lock_job_of_chunk(session: Session, chunk_id: UUID) -> VerificationJob | None:
    """Lock the live job of a chunk, waiting for it; None where one of the two is gone or ended."""
    chunk = session.get(VerificationChunk, chunk_id)
    return _lock_in_order(session, chunk, wait=True) if chunk else None


def _lock_in_order(
    session: Session, chunk: VerificationChunk, *, wait: bool = False
) -> VerificationJob | None:
    """Lock the crawl job and the job of a chunk before it, as a deletion and a worker do."""
    crawl = select(CrawlJob.id).where(CrawlJob.id == chunk.crawl_job_id)
    held = session.scalar(crawl.with_for_update(read=True, key_share=True, skip_locked=not wait))
    if held is None:
        return None
    return lock_waiting_job(session, chunk.verification_job_id, wait=wait)


def lock_waiting_job(
    session: Session, verification_job_id: UUID, *, wait: bool = True
) -> VerificationJob | None:
    """Lock a live job; None where it is gone or has ended, or others hold it and we do not wait."""
    return session.scalar(
        select(VerificationJob)
        .where(VerificationJob.id == verification_job_id, VerificationJob.status.in_(LIVE))
        .with_for_update(skip_locked=not wait)
        .execution_options(populate_existing=True)
    )
