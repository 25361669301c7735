"""Exports, as subjects of messages."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.exports.failing import fail_export
from shared.messaging.messages import ExportPartReady, ExportPartsBuilt, ExportRequested
from shared.messaging.outbox import Outbox
from shared.models import ExportJob
from shared.subjects.subject import Owner, Subject, Subjects, make_null_id

ExportMessage = ExportRequested | ExportPartReady | ExportPartsBuilt


def _select_owner(message: ExportMessage) -> Owner:
    return select(ExportJob.user_id, ExportJob.crawl_job_id, make_null_id("image_id")).where(
        ExportJob.id == message.export_job_id
    )


def _fail(session: Session, message: ExportMessage, reason: str, outbox: Outbox) -> None:
    fail_export(session, outbox, message.export_job_id, reason)


_SUBJECT = Subject(_select_owner, _fail)
SUBJECTS: Subjects = {
    ExportRequested: _SUBJECT,
    ExportPartReady: _SUBJECT,
    ExportPartsBuilt: _SUBJECT,
}
