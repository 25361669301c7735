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


class VerificationJobCreate(Input):
    """A new verification job, of all images of a project or of those that pass a filter.

    `max_distance` left out is that of the project's near duplicates. `rights` and `respect_robots`
    left out are those of the crawl that brought each image.
    """

    name: Name = "verification"
    max_distance: NearDuplicateDistance | None = None
    filter: ImageFilter | None = None
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
    rights: RightsPolicy | None
    respect_robots: bool | None
    status: JobStatus
    progress: int
    total_images: int
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
    host: Annotated[str, Field(max_length=255)] | None = None


class VerificationResultRead(Read):
    """The outcome of one image.

    `sha256` is that of the bytes that are served now, `distance` the number of bits, of 64, in
    which the hashes of the two pictures differ. `redirected_to` is the address that answered, where
    that is of another host than `url`.
    """

    image_id: UUID
    url: str
    host: str
    outcome: Outcome
    reason: str | None
    detail: str | None
    http_status: int | None
    redirected_to: str | None
    sha256: str | None
    distance: int | None
    checked_at: Time


class OutcomeCounts(Read):
    """Numbers of images by outcome; `link_rot_percent` are those that are different or gone.

    It is of the images of which the answer tells: those that opted out or were unreachable are not
    among them, and it is null where there are no others.
    """

    images: int
    same_bytes: int
    same_picture: int
    different_picture: int
    gone: int
    opted_out: int
    unreachable: int
    link_rot_percent: float | None


class HostOutcomes(OutcomeCounts):
    """The outcomes of one host's images."""

    host: str


class OtherHostsOutcomes(OutcomeCounts):
    """The outcomes of the hosts that are not named."""

    hosts: int


class MonthOutcomes(OutcomeCounts):
    """The outcomes of the images that were taken in one month, such as `2026-01`."""

    month: str


class AgeOutcomes(OutcomeCounts):
    """The outcomes of images by their age when they were asked for, such as `30-89 days`."""

    age: str


class VerificationReport(Read):
    """Link rot by host, by month and by age; `waiting` images have no outcome yet.

    `percentages` are the outcomes' shares of all images with one. `hosts` are the 50 that lost
    most (different, gone or opted out), `months` the latest 36. `reasons` has up to 50 for each
    outcome. `redirected` images are answered for by another host.
    """

    verification_job_id: UUID
    status: JobStatus
    waiting: int
    without_origin: int
    redirected: int
    total: OutcomeCounts
    percentages: dict[str, float]
    reasons: dict[str, dict[str, int]]
    hosts: list[HostOutcomes]
    other_hosts: OtherHostsOutcomes
    months: list[MonthOutcomes]
    ages: list[AgeOutcomes]
