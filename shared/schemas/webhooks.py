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
EventTypes = Annotated[
    list[EventType], Field(min_length=1, max_length=len(EVENTS)), AfterValidator(check_unique)
]
WebhookAddress = Annotated[Text, Field(min_length=1, max_length=2048)]


class WebhookCreate(Input):
    """A new webhook: an address, and the events that are to be posted there."""

    url: WebhookAddress
    events: EventTypes


class WebhookUpdate(Update):
    """Changes to a webhook; `is_active` false pauses it, true resumes it."""

    url: WebhookAddress | MISSING = MISSING
    events: EventTypes | MISSING = MISSING
    is_active: bool | MISSING = MISSING


class WebhookRead(Read):
    """A webhook. While posts fail `failing_since` says since when, and `error` why.

    `is_active` is false while it is paused: by its owner, or, as `error` says then, after failing
    for too long. `old_secret_expires_at` is until when the secret before the present one signs too.
    """

    id: UUID
    url: str
    events: list[str]
    is_active: bool
    error: str | None
    failing_since: Time | None
    old_secret_expires_at: Time | None
    created_at: Time
    updated_at: Time


class WebhookCreated(WebhookRead):
    """A new webhook; `secret` is shown this once."""

    secret: str = Field(repr=False)


class WebhookSecretRead(Read):
    """A new secret, shown this once, and until when the one before it signs too."""

    secret: str = Field(repr=False)
    old_secret_expires_at: Time


class WebhookDeliveryQuery(ListQuery):
    """Filter of a webhook's deliveries."""

    status: Literal["pending", "completed", "failed"] | None = None


class WebhookDeliveryRead(Read):
    """One event on its way to one webhook, and what came of it.

    `event_id` is the `webhook-id` header, the same on every attempt; `payload` is the body.
    `response_status` and `response_excerpt` are those of the last attempt.
    """

    id: UUID
    webhook_id: UUID
    event_id: UUID
    event: str
    payload: dict[str, JsonValue]
    status: Literal["pending", "completed", "failed"]
    attempts: int
    response_status: int | None
    response_excerpt: str | None
    error: str | None
    next_attempt_at: Time | None
    delivered_at: Time | None
    created_at: Time
    updated_at: Time
