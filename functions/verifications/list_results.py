"""List what became of the origins of a verification job's images, newest image first."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import Image, VerificationResult
from shared.paging import Page, paginate
from shared.queries.visible import visible_verification_job
from shared.schemas.verifications import VerificationResultQuery, VerificationResultRead


def handle(
    verification_job_id: UUID, query: VerificationResultQuery, caller: Caller, session: Session
) -> Page[VerificationResultRead]:
    """List verification results.

    Images that have not been asked for yet, or were deleted, are not among them.
    """
    job = visible_verification_job(session, caller, verification_job_id)
    statement = (
        select(VerificationResult, Image.original_url)
        .join(Image, Image.id == VerificationResult.image_id)
        .where(VerificationResult.verification_job_id == job.id)
    )
    if query.outcome is None:
        statement = statement.where(VerificationResult.outcome.is_not(None))
    else:
        statement = statement.where(VerificationResult.outcome == query.outcome)
    if query.host is not None:
        statement = statement.where(VerificationResult.host == query.host.lower())
    rows, following = paginate(
        session, statement, [VerificationResult.image_id], query.limit, query.cursor
    )
    items = [VerificationResultRead.of(result, url=url) for result, url in rows]
    return Page(items=items, next_cursor=following)
