"""Projects."""

from typing import Literal
from uuid import UUID

from pydantic import MISSING

from shared.schemas.crawls import CrawlJobRead
from shared.schemas.fields import Description, Name, Time
from shared.schemas.kinds import Input, Read, Update

ProjectStatus = Literal["active", "archived"]
"""State of a project; an `archived` one takes no crawls and no uploads."""


class ProjectCreate(Input):
    """A new project."""

    name: Name
    description: Description | None = None


class ProjectUpdate(Update):
    """Changes to a project."""

    name: Name | MISSING = MISSING
    """New name."""
    description: Description | MISSING | None = MISSING
    status: ProjectStatus | MISSING = MISSING
    """`archived` stops crawls and uploads; `active` takes that back."""


class ProjectRead(Read):
    """A project with its counts: every image is counted once, in one of three numbers."""

    id: UUID
    user_id: UUID
    name: str
    description: str | None
    status: ProjectStatus
    """State of the project."""
    image_count: int
    """Number of originals, and of copies that were to be kept."""
    duplicate_count: int
    """Number of images that duplicate these."""
    rejected_count: int
    """Number of images that were rejected."""
    crawl_job_count: int
    """Number of its crawl jobs."""
    created_at: Time
    updated_at: Time


class ProjectDetail(ProjectRead):
    """A project with its latest 50 crawl jobs."""

    crawl_jobs: list[CrawlJobRead]
    """Its latest 50 crawl jobs, newest first."""
