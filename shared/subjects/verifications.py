"""Verification jobs and their chunks, as subjects of messages."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.messaging.messages import VerificationChunkReady, VerificationRequested
from shared.messaging.outbox import Outbox
from shared.models import Project, VerificationJob
from shared.subjects.subject import Owner, Subject, Subjects, make_null_id
from shared.verifications.recovery import lock_job_of_chunk, lock_waiting_job
from shared.verifications.settling import end_verification, fail_verification_chunk


def _select_owner(verification_job_id: UUID) -> Owner:
    return (
        select(Project.user_id, make_null_id("crawl_job_id"), make_null_id("image_id"))
        .join(VerificationJob, VerificationJob.project_id == Project.id)
        .where(VerificationJob.id == verification_job_id)
    )


def _fail_job(
    session: Session, message: VerificationRequested, reason: str, outbox: Outbox
) -> None:
    if job := lock_waiting_job(session, message.verification_job_id):
        end_verification(session, outbox, job, "failed", reason)


def _fail_chunk(
    session: Session, message: VerificationChunkReady, reason: str, outbox: Outbox
) -> None:
    if job := lock_job_of_chunk(session, message.chunk_id):
        fail_verification_chunk(
            session, outbox, job, message.chunk_id, reason="chunk_failed", detail=reason
        )


SUBJECTS: Subjects = {
    VerificationRequested: Subject(
        lambda message: _select_owner(message.verification_job_id), _fail_job
    ),
    VerificationChunkReady: Subject(
        lambda message: _select_owner(message.verification_job_id), _fail_chunk
    ),
}
