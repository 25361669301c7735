"""List a project's verification jobs, newest first."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import VerificationJob
from shared.paging import Page, paginate
from shared.queries.visible import visible_project, visible_verification_jobs
from shared.schemas.kinds import ListQuery
from shared.schemas.verifications import VerificationJobRead
from shared.verifications.queries import read_verification_jobs


def handle(
    project_id: UUID, query: ListQuery, caller: Caller, session: Session
) -> Page[VerificationJobRead]:
    """List verification jobs."""
    project = visible_project(session, caller, project_id)
    rows, following = paginate(
        session,
        visible_verification_jobs(caller).where(VerificationJob.project_id == project.id),
        [VerificationJob.id],
        query.limit,
        query.cursor,
    )
    return Page(items=read_verification_jobs(session, rows), next_cursor=following)
