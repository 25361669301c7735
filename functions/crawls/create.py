"""Start a crawl job in a project."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.queries import as_answer
from shared.crawls.start import check_quota
from shared.messaging.messages import CrawlRequested
from shared.messaging.outbox import Outbox
from shared.models import CrawlJob
from shared.projects.queries import check_active
from shared.queries.visible import visible_project
from shared.schemas.crawls import CrawlJobCreate, CrawlJobRead


def handle(
    project_id: UUID, wanted: CrawlJobCreate, caller: Caller, session: Session, outbox: Outbox
) -> CrawlJobRead:
    """Create a crawl job."""
    project = visible_project(session, caller, project_id)
    check_active(project)
    check_quota(session, caller)
    options = wanted.options.model_dump(mode="json", by_alias=True)
    if wanted.options.validate_ is not None:
        options["validate"] = wanted.options.validate_.model_dump(
            mode="json", exclude_defaults=True
        )
    if wanted.source.type == "urls" and "max_images" not in wanted.options.model_fields_set:
        # The default bounds what pages may bring. Who lists addresses has said how many.
        options["max_images"] = max(options["max_images"], len(wanted.source.urls))
    job = CrawlJob(
        project_id=project.id,
        name=wanted.name,
        source=wanted.source.model_dump(mode="json", exclude_none=True),
        options=options,
    )
    session.add(job)
    session.flush()
    session.refresh(job)
    outbox.add(CrawlRequested(crawl_job_id=job.id))
    return as_answer(session, job)
