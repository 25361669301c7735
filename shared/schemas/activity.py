"""The activity log."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue

from shared.schemas.fields import Name, Time, TimeInput
from shared.schemas.kinds import ListQuery, Read


class ActivityQuery(ListQuery):
    """Filters of one's own activity."""

    action: Name | None = None
    """What was done, such as `project.create`."""
    resource_type: Name | None = None
    """Kind of thing that it was done to, such as `project`."""
    since: TimeInput | None = None
    """Earliest time, which is included (RFC 3339 with a time zone)."""
    until: TimeInput | None = None
    """Time before which it happened (RFC 3339 with a time zone)."""


class ActivityRead(Read):
    """One thing that somebody did."""

    id: UUID
    user_id: UUID | None
    """Account that did it; null where it is not known or gone."""
    action: str
    """What was done, such as `project.create`; a refusal ends in `_refused`."""
    resource_type: str | None
    """Kind of thing that it was done to, such as `project`."""
    resource_id: str | None
    """Id of that thing; null where it has none."""
    # SQLAlchemy keeps the attribute `metadata` for itself.
    metadata: Annotated[dict[str, JsonValue], Field(validation_alias="metadata_")]
    """Further facts, such as `request_id`."""
    ip_address: str | None
    """IP address that the request came from; null where it is not known."""
    user_agent: str | None
    """Program that sent the request, in its own words; null where it said none."""
    timestamp: Time
    """Time at which it was done, in UTC."""
