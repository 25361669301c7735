"""Signals about the use of images."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AliasChoices, Field

from shared.rights.signals import SignalSource
from shared.schemas.fields import Time
from shared.schemas.kinds import Read

RightsDecision = Literal["allowed", "refused"]
"""Decision on the use of an image by one signal."""


class RightsSignalRead(Read):
    """One signal about the use of an image, and what was decided by it."""

    source: SignalSource
    """Kind of signal."""
    value: str
    """Its words."""
    allows: bool | None
    """Whether it allows training; null where it is about other things."""
    decision: RightsDecision
    """What was decided by it."""
    address: str
    """Address at which it stands."""
    evidence_hash: str | None
    """SHA-256 of the site's file that said so, in hexadecimal digits; null where no such file did.
    """
    verification_job_id: UUID | None
    """Verification that met it; null for what the crawl met that took the image."""
    fetched_at: Annotated[Time, Field(validation_alias=AliasChoices("fetched_at", "created_at"))]
    """Time at which it was met, in UTC."""


class ImageRights(Read):
    """The signals that the crawl of an image met, then those that its latest verification met."""

    items: list[RightsSignalRead]
    """Signals that the crawl met, then those of the latest verification."""
