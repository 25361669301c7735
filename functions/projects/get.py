"""Show one project with its latest crawl jobs."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.crawls.queries import read_crawl_jobs
from shared.models import CrawlJob
from shared.projects.queries import load_projects
from shared.queries.visible import visible_crawl_jobs, visible_project
from shared.schemas.projects import ProjectDetail

_LATEST = 50


def handle(project_id: UUID, caller: Caller, session: Session) -> ProjectDetail:
    """Get a project."""
    project = visible_project(session, caller, project_id)
    jobs = session.scalars(
        visible_crawl_jobs(caller)
        .where(CrawlJob.project_id == project.id)
        .order_by(CrawlJob.id.desc())
        .limit(_LATEST)
    ).all()
    (counted,) = load_projects(session, [project])
    return ProjectDetail.of(counted, crawl_jobs=read_crawl_jobs(session, jobs))
