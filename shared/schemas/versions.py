"""Versions of datasets."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, JsonValue, model_validator

from shared.schemas.fields import JobStatus, Key, Name, Time, make_refusal
from shared.schemas.images import ImageFilters
from shared.schemas.kinds import Input, ListQuery, Read
from shared.schemas.splits import SplitOptions

Change = Literal["added", "removed", "changed"]
"""Difference of two versions in one content: only the second has it, only the first, or both have
it otherwise.
"""


class VersionFilter(ImageFilters, Input):
    """The images of a project that a version holds: those that pass all filters.

    Valid ones that duplicate none, unless `valid` or `duplicate` say otherwise; never rejected
    ones.
    """

    split: Key | None = None
    """Only images of this one of the version's splits."""

    @model_validator(mode="after")
    def _check_filters(self) -> Self:
        if self.rejected:
            raise make_refusal("must not be true: a version holds no rejected images", "rejected")
        if self.status not in (None, "completed"):
            raise make_refusal("must be completed: a version holds no others", "status")
        return self


class VersionCreate(SplitOptions):
    """A new version of a project's dataset."""

    name: Name
    filter: VersionFilter = VersionFilter()
    """Filter of the images that it holds; without one all that are valid and duplicate none."""

    @model_validator(mode="after")
    def _check_split(self) -> Self:
        if self.filter.split is not None and self.filter.split not in (self.splits or {}):
            raise make_refusal("must be one of the version's splits", "filter", "split")
        return self


class VersionRead(Read):
    """A version of a dataset."""

    id: UUID
    project_id: UUID
    name: str
    status: JobStatus
    progress: int
    hash: str | None
    """Root of a Merkle tree of what it holds, SHA-256 in hexadecimal digits; null until it is
    completed.
    """
    image_count: int
    """Number of images that it holds."""
    splits: dict[str, int]
    """Number of images by split; empty where it has none."""
    filter: dict[str, JsonValue]
    split_options: dict[str, JsonValue]
    """Options of its splits as they were sent."""
    warnings: list[str]
    """What the dataset lacks, such as a class in one of its splits, for a person."""
    error: str | None
    created_at: Time
    updated_at: Time
    completed_at: Time | None


class MissingImage(Read):
    """An image that a version holds and that is deleted by now."""

    image_id: UUID
    sha256: str


class VersionDetail(VersionRead):
    """A version, and which of its images are deleted by now."""

    missing_images: int
    """Number of its images that are deleted by now."""
    missing: list[MissingImage]
    """The first 100 of these."""


class VersionQuery(ListQuery):
    """Filters of a project's versions."""

    status: JobStatus | None = None


class VersionDiffQuery(ListQuery):
    """Paging of what two versions hold differently; a page of long texts has fewer than `limit`."""

    limit: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Items of the page, at most; a page of long texts has fewer."""


class VersionedImage(Read):
    """An image as a version holds it."""

    label: str | None
    caption: str | None
    split: str | None
    """Split that the image is in; null where the version has none."""
    license: str | None
    attribution: str | None
    rights: str | None
    """SHA-256 of the signals that its crawl met, in hexadecimal digits; null where it met none."""


class VersionChange(Read):
    """A content that another version holds otherwise, or not at all."""

    image_id: UUID
    sha256: str
    change: Change
    """What became of the content from one version to the other."""
    before: VersionedImage | None
    """The image as the first version has it; null where that does not."""
    after: VersionedImage | None
    """The image as the second version has it; null where that does not."""
