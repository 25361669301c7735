"""Parts of exports that lost their worker or message, and exports that lost theirs."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from shared.exports.failing import fail_export
from shared.messaging.messages import ExportPartReady, ExportPartsBuilt, ExportRequested
from shared.messaging.outbox import Outbox
from shared.models import ExportJob, ExportPart
from shared.states import LIVE, MAX_LEASES


def recover_part(session: Session, outbox: Outbox, part_id: UUID) -> None:
    """Hand out again a part whose lease has run out; one that lost too many workers fails its job.

    Do nothing where it has not lost its worker, or where others hold it or its job just now. A
    worker that died over an image is none of those: see `shared.exports.losses`.
    """
    lost = (
        ExportPart.id == part_id,
        ExportPart.status == "running",
        ExportPart.lease_expires_at < func.now(),
    )
    job_id = session.scalar(select(ExportPart.export_job_id).where(*lost))
    # Job before part, as whoever ends the job or deletes it does.
    live = (ExportJob.id == job_id, ExportJob.status.in_(LIVE))
    held = select(ExportJob.id).where(*live).with_for_update(skip_locked=True)
    if job_id is None or session.scalar(held) is None:
        return
    part = session.scalar(select(ExportPart).where(*lost).with_for_update(skip_locked=True))
    if part is None:
        return
    part.lost_workers += part.making is None
    if part.lost_workers >= MAX_LEASES:
        reason = f"A part of it lost its worker {part.lost_workers} times. Try it again later."
        fail_export(session, outbox, job_id, reason)
        return
    part.status, part.lease_expires_at = "pending", None
    session.flush()
    outbox.add(ExportPartReady(export_job_id=job_id, part_id=part.id))


def resend_stuck_exports(
    session: Session, outbox: Outbox, lost_after: timedelta, limit: int
) -> None:
    """Send again what lost its worker or its message."""
    expired = (ExportPart.status == "running", ExportPart.lease_expires_at < func.now())
    for part_id in session.scalars(select(ExportPart.id).where(*expired).limit(limit)).all():
        recover_part(session, outbox, part_id)
    for part in session.scalars(
        select(ExportPart)
        .where(ExportPart.status == "pending", ExportPart.updated_at < func.now() - lost_after)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ):
        part.updated_at = func.now()
        outbox.add(ExportPartReady(export_job_id=part.export_job_id, part_id=part.id))
    of_job = ExportPart.export_job_id == ExportJob.id
    is_planned = exists().where(of_job)
    for job, planned in session.execute(
        select(ExportJob, is_planned)
        .where(
            ExportJob.status.in_(LIVE),
            ExportJob.updated_at < func.now() - lost_after,
            ~exists().where(of_job, ExportPart.status.in_(LIVE)),
        )
        .limit(limit)
        .with_for_update(skip_locked=True, of=ExportJob)
    ):
        job.updated_at = func.now()
        message = ExportPartsBuilt if planned else ExportRequested
        outbox.add(message(export_job_id=job.id))
