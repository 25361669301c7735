"""Start a crawl job in a project."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.engines import choose_engines
from shared.crawls.manifest_files import check_manifest_address
from shared.crawls.queries import read_crawl_job
from shared.crawls.start import start_crawl
from shared.messaging.outbox import Outbox
from shared.projects.queries import check_active
from shared.queries.visible import visible_project
from shared.schemas.crawls import CrawlJobCreate, CrawlJobRead
from shared.settings import Settings


def handle(
    project_id: UUID,
    wanted: CrawlJobCreate,
    caller: Caller,
    settings: Settings,
    session: Session,
    outbox: Outbox,
) -> CrawlJobRead:
    """Create a crawl job."""
    project = visible_project(session, caller, project_id)
    check_active(project)
    if wanted.source.type == "manifest":
        check_manifest_address(wanted.source.uri, project.id, settings)
    elif wanted.source.type == "keywords":
        engines = choose_engines(wanted.source, settings)
        source = wanted.source.model_copy(update={"engines": engines})
        wanted = wanted.model_copy(update={"source": source})
    return read_crawl_job(session, start_crawl(session, outbox, caller, project.id, wanted))
