"""Webhooks, the events that they hear of, and what was sent to them."""

from collections.abc import Mapping
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, JsonValue, WithJsonSchema

from shared.schemas.fields import Ending, Text, Time, check_unique, make_refusal
from shared.schemas.kinds import Input, ListQuery, Read, Update

_ALL: tuple[Ending, ...] = get_args(Ending)
_WITHOUT_CANCEL: tuple[Ending, ...] = ("completed", "failed")
# The kinds of jobs that webhooks hear of, and how each can end. Events follow from it.
ENDINGS: Mapping[str, tuple[Ending, ...]] = {
    "analysis_job": _ALL,
    "crawl_job": _ALL,
    "export_job": _WITHOUT_CANCEL,
    "model_verification": _WITHOUT_CANCEL,
    "validation_job": _ALL,
    "verification_job": _ALL,
    "version": _WITHOUT_CANCEL,
}
EVENTS = tuple(f"{kind}.{ending}" for kind, endings in ENDINGS.items() for ending in endings)


def _check_event(event: str) -> str:
    if event not in EVENTS:
        raise make_refusal(f"is none of {', '.join(EVENTS)}")
    return event


EventType = Annotated[
    str,
    AfterValidator(_check_event),
    WithJsonSchema({"type": "string", "enum": list(EVENTS)}),
]
"""Kind of job or work, and how it ended."""
EventTypes = Annotated[
    list[EventType], Field(min_length=1, max_length=len(EVENTS)), AfterValidator(check_unique)
]
DeliveryStatus = Literal["pending", "completed", "failed"]
"""State of a delivery: to be posted (again), accepted, or given up."""
WebhookAddress = Annotated[Text, Field(min_length=1, max_length=2048)]


class WebhookCreate(Input):
    """A new webhook: an address, and the events that are to be posted there."""

    url: WebhookAddress
    """Address that events are posted to, on the public internet."""
    events: EventTypes
    """Events that it hears of."""


class WebhookUpdate(Update):
    """Changes to a webhook."""

    url: WebhookAddress | MISSING = MISSING
    """New address that events are posted to."""
    events: EventTypes | MISSING = MISSING
    """Events that it hears of, in the place of those of now."""
    is_active: bool | MISSING = MISSING
    """False pauses it, true resumes it."""


class WebhookRead(Read):
    """A webhook."""

    id: UUID
    url: str
    """Address that events are posted to."""
    events: list[str]
    """Events that it hears of."""
    is_active: bool
    """False while it is paused, by its owner or after failing for too long."""
    error: str | None
    """Why posts fail, for a person; null where they arrive."""
    failing_since: Time | None
    """Time since which posts fail; null where they arrive."""
    old_secret_expires_at: Time | None
    """Time until which the secret before the present one signs too; null where there is none."""
    created_at: Time
    updated_at: Time


class WebhookCreated(WebhookRead):
    """A new webhook; `secret` is shown this once."""

    secret: str = Field(repr=False)


class WebhookSecretRead(Read):
    """A new secret, shown this once."""

    secret: str = Field(repr=False)
    old_secret_expires_at: Time
    """Time until which the secret before this one signs too."""


class WebhookDeliveryQuery(ListQuery):
    """Filter of a webhook's deliveries."""

    status: DeliveryStatus | None = None
    """State to show alone; all states where it is left out."""


class WebhookDeliveryRead(Read):
    """One event on its way to one webhook, and what came of it."""

    id: UUID
    webhook_id: UUID
    """Webhook that it goes to."""
    event_id: UUID
    """Header `webhook-id`, the same on every attempt."""
    event: str
    """Type of the event, such as `crawl_job.completed`."""
    payload: dict[str, JsonValue]
    """Body that is posted."""
    status: DeliveryStatus
    """State of the delivery."""
    attempts: int
    """Number of posts so far."""
    response_status: int | None
    """HTTP status of the last answer; null where none came."""
    response_excerpt: str | None
    """Beginning of the last answer's body; null where it was empty or none came."""
    error: str | None
    """Why the last post failed, for a person; null where it did not."""
    next_attempt_at: Time | None
    """Time of the next post; null where there is none."""
    delivered_at: Time | None
    """Time at which it was accepted; null until then."""
    created_at: Time
    updated_at: Time
