"""Validations, as subjects of messages."""

from sqlalchemy.orm import Session

from shared.messaging.messages import ValidationRequested
from shared.messaging.outbox import Outbox
from shared.models import ValidationJob
from shared.subjects.subject import Owner, Subject, Subjects, select_owner_of_job
from shared.validations.settling import end_validation


def _select_owner(message: ValidationRequested) -> Owner:
    return select_owner_of_job(ValidationJob.crawl_job_id, message.validation_job_id)


def _fail(session: Session, message: ValidationRequested, reason: str, outbox: Outbox) -> None:
    this = ValidationJob.id == message.validation_job_id
    end_validation(session, outbox, this, "failed", reason)


SUBJECTS: Subjects = {ValidationRequested: Subject(_select_owner, _fail)}
