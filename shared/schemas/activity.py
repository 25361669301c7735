"""The activity log."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue

from shared.schemas.fields import Name, Time, TimeInput
from shared.schemas.kinds import ListQuery, Read


class ActivityQuery(ListQuery):
    """Filters of one's own activity; `since` is inclusive, `until` exclusive."""

    action: Name | None = None
    resource_type: Name | None = None
    since: TimeInput | None = None
    until: TimeInput | None = None


class ActivityRead(Read):
    """One thing that somebody did."""

    id: UUID
    user_id: UUID | None
    action: str
    resource_type: str | None
    resource_id: str | None
    # SQLAlchemy keeps the attribute `metadata` for itself.
    metadata: Annotated[dict[str, JsonValue], Field(validation_alias="metadata_")]
    ip_address: str | None
    user_agent: str | None
    timestamp: Time
