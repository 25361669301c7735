"""Signals about the use of images."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AliasChoices, Field

from shared.rights.signals import SignalSource
from shared.schemas.fields import Time
from shared.schemas.kinds import Read


class RightsSignalRead(Read):
    """One signal: where it stands, its words, and what was decided by it.

    `allows` says whether it allows training, null where it is about other things; `evidence_hash`
    is the SHA-256 of the site's file that said so. `verification_job_id` is the verification that
    met it, null for what the crawl met that took the image.
    """

    source: SignalSource
    value: str
    allows: bool | None
    decision: Literal["allowed", "refused"]
    address: str
    evidence_hash: str | None
    verification_job_id: UUID | None
    fetched_at: Annotated[Time, Field(validation_alias=AliasChoices("fetched_at", "created_at"))]


class ImageRights(Read):
    """The signals that the crawl of an image met, then those that its latest verification met."""

    items: list[RightsSignalRead]
