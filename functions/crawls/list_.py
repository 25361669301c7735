"""List a project's crawl jobs, newest first."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.queries import read_crawl_jobs
from shared.models import CrawlJob
from shared.paging import Page, paginate
from shared.queries.visible import visible_crawl_jobs, visible_project
from shared.schemas.crawls import CrawlJobQuery, CrawlJobRead


def handle(
    project_id: UUID, query: CrawlJobQuery, caller: Caller, session: Session
) -> Page[CrawlJobRead]:
    """List crawl jobs."""
    project = visible_project(session, caller, project_id)
    statement = visible_crawl_jobs(caller).where(CrawlJob.project_id == project.id)
    if query.status is not None:
        statement = statement.where(CrawlJob.status == query.status)
    rows, following = paginate(session, statement, [CrawlJob.id], query.limit, query.cursor)
    return Page(items=read_crawl_jobs(session, rows), next_cursor=following)
