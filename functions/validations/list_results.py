"""List a validation job's verdicts, newest image first."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import ValidationResult
from shared.paging import Page, paginate
from shared.queries.visible import visible_validation_job
from shared.schemas.validations import ValidationResultQuery, ValidationResultRead


def handle(
    validation_job_id: UUID, query: ValidationResultQuery, caller: Caller, session: Session
) -> Page[ValidationResultRead]:
    """List validation results."""
    job = visible_validation_job(session, caller, validation_job_id)
    statement = select(ValidationResult).where(ValidationResult.validation_job_id == job.id)
    if query.valid is not None:
        statement = statement.where(ValidationResult.is_valid == query.valid)
    rows, following = paginate(
        session, statement, [ValidationResult.image_id], query.limit, query.cursor
    )
    return Page(items=[ValidationResultRead.of(row) for row in rows], next_cursor=following)
