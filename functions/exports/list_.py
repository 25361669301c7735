"""List the caller's export jobs, newest first."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.exports.queries import read_export_jobs
from shared.models import ExportJob
from shared.paging import Page, paginate
from shared.queries.visible import visible_export_jobs
from shared.schemas.exports import ExportJobQuery, ExportJobRead

_MOST_FAILURES = 10  # of each job; `get` shows all that the row holds


def handle(query: ExportJobQuery, caller: Caller, session: Session) -> Page[ExportJobRead]:
    """List export jobs; `get` signs an address for the file."""
    statement = visible_export_jobs(caller)
    if query.status is not None:
        statement = statement.where(ExportJob.status == query.status)
    rows, following = paginate(session, statement, [ExportJob.id], query.limit, query.cursor)
    jobs = read_export_jobs(session, rows, _MOST_FAILURES)
    return Page(items=jobs, next_cursor=following)
