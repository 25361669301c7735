"""Delete an export job and its file; one that is being built stops, as does its recheck."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.messaging.messages import ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models import ExportJob, VerificationJob
from shared.queries.visible import visible_export_job
from shared.states import LIVE
from shared.storage.names import name_export_folder
from shared.verifications.removal import hide_verifications


def handle(export_job_id: UUID, caller: Caller, session: Session, outbox: Outbox) -> None:
    """Delete an export job."""
    job = visible_export_job(session, caller, export_job_id, lock=True)
    outbox.add(ObjectsReleased(project_id=job.project_id, prefixes=[name_export_folder(job.id)]))
    hide_verifications(
        session, outbox, VerificationJob.export_job_id == job.id, VerificationJob.status.in_(LIVE)
    )
    session.execute(delete(ExportJob).where(ExportJob.id == job.id))
