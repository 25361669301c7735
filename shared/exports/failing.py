"""Ends exports that cannot be built. Sweeps and dead letters load this, and no pictures."""

from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.orm import Session

from shared.messaging.messages import ExportCompleted, ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models import ExportJob, ExportPart
from shared.states import LIVE
from shared.storage.names import name_export_folder
from shared.webhooks.events import announce_end


def fail_export(session: Session, outbox: Outbox, job_id: UUID, reason: str) -> None:
    """End a live export as failed; what was built of it goes."""
    ended = session.execute(
        update(ExportJob)
        .where(ExportJob.id == job_id, ExportJob.status.in_(LIVE))
        .values(status="failed", error=reason, completed_at=func.now())
        .returning(ExportJob.id, ExportJob.project_id)
        .execution_options(synchronize_session=False)
    ).first()
    if ended is not None:
        session.execute(delete(ExportPart).where(ExportPart.export_job_id == job_id))
        outbox.add(ExportCompleted(export_job_id=job_id, status="failed"))
        announce_end(session, outbox, "export_job", job_id, "failed")
        prefixes = [name_export_folder(job_id)]
        outbox.add(ObjectsReleased(project_id=ended.project_id, prefixes=prefixes))
