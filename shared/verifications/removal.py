"""Removes verification jobs with their results, in steps that each take a second or two."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from shared.crawls.removal import remove_rows
from shared.errors import Conflict
from shared.messaging.messages import RemovalRequested
from shared.messaging.outbox import Outbox
from shared.models import ExportJob, VerificationChunk, VerificationJob, VerificationResult
from shared.states import LIVE


def check_no_export_waits(session: Session, job: VerificationJob) -> None:
    """Raise `Conflict` while an export is built by the results of a job."""
    waiting = select(ExportJob.id).where(
        ExportJob.id == job.export_job_id, ExportJob.status.in_(LIVE)
    )
    if session.scalar(waiting) is not None:
        raise Conflict("An export is being built by these results; wait for it, or delete it.")


def remove_verification(session: Session, outbox: Outbox, verification_job_id: UUID) -> None:
    """Remove a job that is marked as deleted, as far as one step goes; a message sees to the rest.

    Call it with the job's row locked. What it wrote into the ledger of rights stays.
    """
    result, chunk = VerificationResult, VerificationChunk
    if remove_rows(
        session, result, result.verification_job_id == verification_job_id
    ) and remove_rows(session, chunk, chunk.verification_job_id == verification_job_id):
        session.execute(delete(VerificationJob).where(VerificationJob.id == verification_job_id))
    else:
        outbox.add(RemovalRequested(verification_job_id=verification_job_id))


def hide_verifications(
    session: Session, outbox: Outbox, *which: ColumnElement[bool], limit: int = 1000
) -> Collection[UUID]:
    """Mark jobs as deleted, up to so many; messages see to their rows. Return which."""
    some = select(VerificationJob.id).where(*which, VerificationJob.deleted_at.is_(None))
    hidden = session.scalars(
        update(VerificationJob)
        .where(VerificationJob.id.in_(some.limit(limit)))
        .values(deleted_at=func.now())
        .returning(VerificationJob.id)
        .execution_options(synchronize_session=False)
    ).all()
    outbox.add(*(RemovalRequested(verification_job_id=one) for one in hidden))
    return hidden
