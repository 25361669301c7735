"""Start a crawl job in a project."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import Conflict, Invalid
from shared.messages import CrawlRequested
from shared.models import CrawlJob
from shared.outbox import Outbox
from shared.queries.crawls import as_answer, check_quota
from shared.queries.visible import visible_project
from shared.schemas.crawls import CrawlJobCreate, CrawlJobRead

_SOURCES = ("urls", "pages")


def handle(
    project_id: UUID, wanted: CrawlJobCreate, caller: Caller, session: Session, outbox: Outbox
) -> CrawlJobRead:
    """Create a crawl job."""
    project = visible_project(session, caller, project_id)
    if project.status != "active":
        raise Conflict("The project is archived; make it active first.")
    if wanted.source.type not in _SOURCES:
        raise Invalid.at(
            "/source/type",
            f"{wanted.source.type} is not available in this version; use {' or '.join(_SOURCES)}",
        )
    check_quota(session, caller)
    options = wanted.options.model_dump(mode="json", by_alias=True)
    if wanted.options.validate_ is not None:
        options["validate"] = wanted.options.validate_.model_dump(
            mode="json", exclude_defaults=True
        )
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
