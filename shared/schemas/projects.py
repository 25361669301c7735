"""Projects."""

from typing import Literal
from uuid import UUID

from pydantic import MISSING

from shared.schemas.crawls import CrawlJobRead
from shared.schemas.fields import Description, Name, Time
from shared.schemas.kinds import Input, Read, Update

ProjectStatus = Literal["active", "archived"]


class ProjectCreate(Input):
    """A new project."""

    name: Name
    description: Description | None = None


class ProjectUpdate(Update):
    """Changes to a project."""

    name: Name | MISSING = MISSING
    description: Description | MISSING | None = MISSING
    status: ProjectStatus | MISSING = MISSING


class ProjectRead(Read):
    """A project with its counts: every image is counted once, in one of three numbers.

    `image_count` are the originals, and copies that were to be kept; `duplicate_count` what
    duplicates them; `rejected_count` what was rejected.
    """

    id: UUID
    user_id: UUID
    name: str
    description: str | None
    status: ProjectStatus
    image_count: int
    duplicate_count: int
    rejected_count: int
    crawl_job_count: int
    created_at: Time
    updated_at: Time


class ProjectDetail(ProjectRead):
    """A project with its latest 50 crawl jobs."""

    crawl_jobs: list[CrawlJobRead]
