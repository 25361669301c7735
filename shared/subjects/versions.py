"""Versions of datasets, as subjects of messages."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from shared.messaging.messages import VersionRequested
from shared.messaging.outbox import Outbox
from shared.models import DatasetVersion, Project, VersionImage
from shared.states import LIVE
from shared.subjects.subject import Owner, Subject, Subjects, make_null_id
from shared.webhooks.events import announce_end


def _select_owner(message: VersionRequested) -> Owner:
    return (
        select(Project.user_id, make_null_id("crawl_job_id"), make_null_id("image_id"))
        .join(DatasetVersion, DatasetVersion.project_id == Project.id)
        .where(DatasetVersion.id == message.version_id)
    )


def _fail(session: Session, message: VersionRequested, reason: str, outbox: Outbox) -> None:
    ended = session.scalar(
        update(DatasetVersion)
        .where(DatasetVersion.id == message.version_id, DatasetVersion.status.in_(LIVE))
        .values(status="failed", error=reason, state=None, completed_at=func.now())
        .returning(DatasetVersion.id)
    )
    if ended is not None:
        session.execute(delete(VersionImage).where(VersionImage.version_id == ended))
        announce_end(session, outbox, "version", ended, "failed")


SUBJECTS: Subjects = {VersionRequested: Subject(_select_owner, _fail)}
