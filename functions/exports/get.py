"""Show an export job; while its file lives, with a fresh address for it."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.exports.queries import get_file_name, read_export_job
from shared.queries.visible import visible_export_job
from shared.schemas.exports import ExportJobRead
from shared.settings import Settings
from shared.storage.bucket import Storage


def handle(
    export_job_id: UUID, caller: Caller, session: Session, storage: Storage, settings: Settings
) -> ExportJobRead:
    """Get an export job."""
    job = visible_export_job(session, caller, export_job_id)
    url = None
    if job.status == "completed" and job.object is not None:
        url = storage.sign_download_url(
            job.object,
            life=settings.download_life,
            file_name=get_file_name(job),
        )
    return read_export_job(session, job, url)
