"""Statistics of work on images: one row per attempt."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.schemas.fields import Id, Text, Time
from shared.schemas.kinds import ListQuery, Read


class JobStatQuery(ListQuery):
    """Filters of the statistics."""

    image_id: Id | None = None
    status: Annotated[Text, Field(max_length=50)] | None = None


class JobStatRead(Read):
    """One attempt at one operation; `job_id` names the piece of work in any form."""

    job_id: str
    image_id: UUID | None
    operation: str
    status: str
    start_time: Time
    end_time: Time | None
    duration_ms: int | None
    attempt: int
    error: str | None
