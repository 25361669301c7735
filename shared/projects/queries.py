"""Projects with their counts, and whether they take anything new."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.models import CrawlJob, Image, Project
from shared.schemas.projects import ProjectRead


def load_projects(session: Session, projects: Sequence[Project]) -> list[ProjectRead]:
    """Return the projects as answers, their images and crawl jobs counted in one query each."""
    ids = [project.id for project in projects]
    images = dict(
        session.execute(
            select(Image.project_id, func.count())
            .where(Image.project_id.in_(ids))
            .group_by(Image.project_id)
        ).all()
    )
    jobs = dict(
        session.execute(
            select(CrawlJob.project_id, func.count())
            .where(CrawlJob.project_id.in_(ids))
            .group_by(CrawlJob.project_id)
        ).all()
    )
    return [
        ProjectRead.of(
            project,
            image_count=images.get(project.id, 0),
            crawl_job_count=jobs.get(project.id, 0),
        )
        for project in projects
    ]


def check_active(project: Project) -> None:
    """Raise `Conflict` for an archived project, which takes no crawls and no uploads."""
    if project.status != "active":
        raise Conflict("The project is archived; make it active first.")
