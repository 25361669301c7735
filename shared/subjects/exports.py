"""Exports, as subjects of messages."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.messaging.messages import ExportCompleted, ExportRequested, ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models import ExportJob
from shared.states import LIVE
from shared.storage.names import name_export_folder
from shared.subjects.subject import Owner, Subject, Subjects, make_null_id


def _select_owner(message: ExportRequested) -> Owner:
    return select(ExportJob.user_id, ExportJob.crawl_job_id, make_null_id("image_id")).where(
        ExportJob.id == message.export_job_id
    )


def _fail(session: Session, message: ExportRequested, reason: str, outbox: Outbox) -> None:
    ended = session.execute(
        update(ExportJob)
        .where(ExportJob.id == message.export_job_id, ExportJob.status.in_(LIVE))
        .values(status="failed", error=reason, completed_at=func.now())
        .returning(ExportJob.id, ExportJob.project_id)
    ).first()
    if ended is not None:
        outbox.add(ExportCompleted(export_job_id=ended.id, status="failed"))
        prefix = name_export_folder(ended.id)
        outbox.add(ObjectsReleased(project_id=ended.project_id, prefixes=[prefix]))


SUBJECTS: Subjects = {ExportRequested: Subject(_select_owner, _fail)}
