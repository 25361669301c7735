"""List the attempts at the caller's long work, newest first."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import JobStats
from shared.paging import Page, paginate
from shared.queries.visible import visible_image, visible_job_stats
from shared.schemas.job_stats import JobStatQuery, JobStatRead


def handle(query: JobStatQuery, caller: Caller, session: Session) -> Page[JobStatRead]:
    """List job statistics."""
    statement = visible_job_stats(caller)
    if query.image_id is not None:
        image = visible_image(session, caller, query.image_id)
        statement = statement.where(JobStats.image_id == image.id)
    if query.status is not None:
        statement = statement.where(JobStats.status == query.status)
    rows, following = paginate(session, statement, [JobStats.id], query.limit, query.cursor)
    return Page(items=[JobStatRead.of(row) for row in rows], next_cursor=following)
