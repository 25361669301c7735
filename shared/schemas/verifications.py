"""Verification jobs, their results and their report."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from shared.rights.signals import RightsPolicy
from shared.schemas.fields import JobStatus, Name, NearDuplicateDistance, Time
from shared.schemas.images import ImageFilter
from shared.schemas.kinds import Input, ListQuery, Read

Outcome = Literal[
    "same_bytes", "same_picture", "different_picture", "gone", "opted_out", "unreachable"
]
"""What an image's origin serves now: the same bytes, the same picture in other bytes, another
picture, nothing, a refusal of the use, or no answer for a passing reason.
"""


class VerificationJobCreate(Input):
    """A new verification job, of all images of a project or of those that pass a filter."""

    name: Name = "verification"
    max_distance: NearDuplicateDistance | None = None
    """Differing bits of 64 between perceptual hashes, up to which a picture is the same; left out
    it is that of the project's near duplicates.
    """
    filter: ImageFilter | None = None
    """Filter of the images to ask for; all of the project where it is left out."""
    rights: RightsPolicy | None = None
    respect_robots: bool | None = None


class VerificationJobRead(Read):
    """A verification job; at the end the six outcomes make `total_images`.

    Images without an origin (uploads) are counted apart. Until a job has ended, what the outcomes
    lack to the total has not been asked yet.
    """

    id: UUID
    project_id: UUID
    name: str
    filter: dict[str, JsonValue]
    max_distance: int
    """Differing bits of 64 between perceptual hashes, up to which a picture is the same."""
    rights: RightsPolicy | None
    respect_robots: bool | None
    status: JobStatus
    progress: int
    total_images: int
    """Number of images with an origin to ask, as far as is known yet."""
    same_bytes: int
    same_picture: int
    different_picture: int
    gone: int
    opted_out: int
    unreachable: int
    without_origin: int
    error: str | None
    created_at: Time
    updated_at: Time
    started_at: Time | None
    completed_at: Time | None


class VerificationResultQuery(ListQuery):
    """Filters of a verification job's results."""

    outcome: Outcome | None = None
    """Only images with this outcome."""
    host: Annotated[str, Field(max_length=255)] | None = None
    """Only images whose origin is on this host."""


class VerificationResultRead(Read):
    """The outcome of one image."""

    image_id: UUID
    url: str
    """Address that was asked."""
    host: str
    """Host of that address."""
    outcome: Outcome
    """What the origin serves now."""
    reason: str | None
    """Kind of the outcome, one of a closed list of words (docs/reasons.md); null where it serves
    the same.
    """
    detail: str | None
    http_status: int | None
    redirected_to: str | None
    """Address that answered, where that is of another host; null otherwise."""
    sha256: str | None
    """SHA-256 of the bytes that are served now, in hexadecimal digits; null where there are none.
    """
    distance: int | None
    """Differing bits of 64 between the hashes of the two pictures; null where they were not
    compared.
    """
    checked_at: Time
    """Time at which it was asked, in UTC."""


class OutcomeCounts(Read):
    """Numbers of images by outcome."""

    images: int
    """Number of images that these are of."""
    same_bytes: int
    same_picture: int
    different_picture: int
    gone: int
    opted_out: int
    unreachable: int
    link_rot_percent: float | None
    """Per cent, of the images of which the answer tells, that are different or gone; null where it
    tells of none.
    """


class HostOutcomes(OutcomeCounts):
    """The outcomes of one host's images."""

    host: str
    """Host of the origins."""


class OtherHostsOutcomes(OutcomeCounts):
    """The outcomes of the hosts that are not named."""

    hosts: int
    """Number of hosts that are not named."""


class MonthOutcomes(OutcomeCounts):
    """The outcomes of the images that were taken in one month, such as `2026-01`."""

    month: str
    """Month in which they were taken, such as `2026-01`."""


class AgeOutcomes(OutcomeCounts):
    """The outcomes of images by their age when they were asked for, such as `30-89 days`."""

    age: str
    """Age when they were asked for, such as `30-89 days`."""


class VerificationReport(Read):
    """Link rot by host, by month and by age."""

    verification_job_id: UUID
    status: JobStatus
    waiting: int
    """Number of images without an outcome yet."""
    without_origin: int
    redirected: int
    """Number of images that another host answers for."""
    total: OutcomeCounts
    """Outcomes of all images."""
    percentages: dict[str, float]
    """Per cent of images by outcome, of those with one."""
    reasons: dict[str, dict[str, int]]
    """Number of images by outcome and reason, up to 50 reasons of each."""
    hosts: list[HostOutcomes]
    """Outcomes of the 50 hosts that lost most."""
    other_hosts: OtherHostsOutcomes
    """Outcomes of all other hosts."""
    months: list[MonthOutcomes]
    """Outcomes by the month in which images were taken, the latest 36."""
    ages: list[AgeOutcomes]
    """Outcomes by the age of images when they were asked for."""
