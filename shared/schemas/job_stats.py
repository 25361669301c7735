"""Statistics of work on images: one row per attempt."""

from uuid import UUID

from shared.schemas.fields import Id, JobStatus, Time
from shared.schemas.kinds import ListQuery, Read


class JobStatQuery(ListQuery):
    """Filters of the statistics."""

    image_id: Id | None = None
    status: JobStatus | None = None


class JobStatRead(Read):
    """One attempt at one operation; `job_id` names the piece of work in any form."""

    job_id: str
    image_id: UUID | None
    operation: str
    status: JobStatus
    start_time: Time | None
    end_time: Time | None
    duration_ms: float | None
    attempt: int
    error: str | None
