"""Statistics of work on images: one row per attempt."""

from uuid import UUID

from shared.schemas.fields import Id, JobStatus, Time
from shared.schemas.kinds import ListQuery, Read


class JobStatQuery(ListQuery):
    """Filters of the statistics."""

    image_id: Id | None = None
    """Only attempts at this image."""
    status: JobStatus | None = None


class JobStatRead(Read):
    """One attempt at one operation."""

    job_id: str
    """Piece of work, the same in all its attempts."""
    image_id: UUID | None
    """Image that it was about; null where it was about none or many, and once that is gone."""
    operation: str
    """Function that did it."""
    status: JobStatus
    start_time: Time | None
    """Time at which the attempt began."""
    end_time: Time | None
    """Time at which it ended; null until then."""
    duration_ms: float | None
    """Milliseconds from one to the other; null until it has ended."""
    attempt: int
    """Number of the attempt, from 1."""
    error: str | None
