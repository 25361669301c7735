"""Analyses and jobs of them, as subjects of messages."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.analyses.jobs import fail_job
from shared.analyses.work import fail_analyses
from shared.messaging.messages import (
    AnalysesRequested,
    AnalysesWaiting,
    AnalysisJobRequested,
    ModelAnalysesRequested,
)
from shared.messaging.outbox import Outbox
from shared.models import AnalysisJob, Image, ImageAnalysis
from shared.subjects.subject import Owner, Subject, Subjects, select_owner_of_job


def _select_owner(message: AnalysesWaiting) -> Owner:
    return (
        select(Image.user_id, Image.crawl_job_id, Image.id.label("image_id"))
        .join(ImageAnalysis, ImageAnalysis.image_id == Image.id)
        .where(ImageAnalysis.id == message.analysis_ids[0])
    )


def _select_owner_of_job(message: AnalysisJobRequested) -> Owner:
    return select_owner_of_job(AnalysisJob.crawl_job_id, message.analysis_job_id)


def _fail_job(session: Session, message: AnalysisJobRequested, reason: str, outbox: Outbox) -> None:
    fail_job(session, outbox, message.analysis_job_id, reason)


def _fail(session: Session, message: AnalysesWaiting, reason: str, outbox: Outbox) -> None:
    fail_analyses(session, outbox, message.analysis_ids, reason)


SUBJECTS: Subjects = {
    AnalysisJobRequested: Subject(_select_owner_of_job, _fail_job),
    AnalysesRequested: Subject(_select_owner, _fail),
    ModelAnalysesRequested: Subject(_select_owner, _fail),
}
