"""Export the images of one crawl job."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.exports.start import start_export
from shared.messaging.outbox import Outbox
from shared.queries.visible import visible_crawl_job
from shared.schemas.exports import ExportJobCreate, ExportJobRead


def handle(
    crawl_job_id: UUID,
    wanted: ExportJobCreate,
    caller: Caller,
    session: Session,
    outbox: Outbox,
) -> ExportJobRead:
    """Create an export of a crawl job."""
    crawl = visible_crawl_job(session, caller, crawl_job_id)
    return start_export(
        session, outbox, caller, wanted, project_id=crawl.project_id, crawl_job_id=crawl.id
    )
