"""Start a project: a dataset to fill."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import Project
from shared.rules.quotas import QUOTAS, check
from shared.schemas.projects import ProjectCreate, ProjectRead


def handle(wanted: ProjectCreate, caller: Caller, session: Session) -> ProjectRead:
    """Create a project."""
    count = session.scalar(select(func.count()).where(Project.user_id == caller.id))
    check(count or 0, QUOTAS.projects, "projects")
    project = Project(user_id=caller.id, name=wanted.name, description=wanted.description)
    session.add(project)
    session.flush()
    session.refresh(project)
    return ProjectRead.of(project, image_count=0, crawl_job_count=0)
