"""Projects with their counts, and whether they take anything new."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import SQLColumnExpression, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.errors import Conflict
from shared.models import CrawlJob, Image, Project
from shared.schemas.projects import ProjectRead


def load_projects(session: Session, projects: Sequence[Project]) -> list[ProjectRead]:
    """Return the projects as answers, their images and crawl jobs counted in one query each."""
    ids = [project.id for project in projects]
    # Each is counted in an index of its own, the latter two in small ones.
    images = _count_rows(session, Image.project_id, Image.project_id.in_(ids))
    rejected = _count_rows(session, Image.project_id, Image.project_id.in_(ids), Image.rejected)
    duplicates = _count_rows(
        session, Image.project_id, Image.project_id.in_(ids), Image.is_duplicate, ~Image.rejected
    )
    jobs = _count_rows(
        session, CrawlJob.project_id, CrawlJob.project_id.in_(ids), CrawlJob.deleted_at.is_(None)
    )
    return [
        ProjectRead.of(
            project,
            image_count=images[project.id] - duplicates[project.id] - rejected[project.id],
            duplicate_count=duplicates[project.id],
            rejected_count=rejected[project.id],
            crawl_job_count=jobs[project.id],
        )
        for project in projects
    ]


def _count_rows(
    session: Session,
    project_id: InstrumentedAttribute[UUID],
    *conditions: SQLColumnExpression[bool],
) -> Counter[UUID]:
    rows = session.execute(
        select(project_id, func.count()).where(*conditions).group_by(project_id)
    ).all()
    return Counter(dict(rows))


def check_active(project: Project) -> None:
    """Raise `Conflict` for an archived project, which takes no crawls and no uploads."""
    if project.status != "active":
        raise Conflict("The project is archived; make it active first.")
