"""Start a project: a dataset to fill."""

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import Project
from shared.queries.visible import visible_projects
from shared.quotas import QUOTAS, lock_and_check_quota
from shared.schemas.projects import ProjectCreate, ProjectRead


def handle(wanted: ProjectCreate, caller: Caller, session: Session) -> ProjectRead:
    """Create a project."""
    lock_and_check_quota(session, caller, visible_projects(caller), QUOTAS.projects, "projects")
    project = Project(user_id=caller.id, name=wanted.name, description=wanted.description)
    session.add(project)
    session.flush()
    session.refresh(project)
    return ProjectRead.of(
        project, image_count=0, duplicate_count=0, rejected_count=0, crawl_job_count=0
    )
