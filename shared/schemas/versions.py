"""Versions of datasets."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, JsonValue, model_validator

from shared.schemas.fields import JobStatus, Key, Name, Time, make_refusal
from shared.schemas.images import ImageFilters
from shared.schemas.kinds import Input, ListQuery, Read
from shared.schemas.splits import SplitOptions

Change = Literal["added", "removed", "changed"]


class VersionFilter(ImageFilters, Input):
    """The images of a project that a version holds: those that pass all filters.

    Valid ones that duplicate none, unless `valid` or `duplicate` say otherwise; never rejected
    ones. `analyzer` asks for a completed analysis, `analysis_label` for a label that it gave,
    `split` for images of one of the version's splits.
    """

    split: Key | None = None

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

    @model_validator(mode="after")
    def _check_split(self) -> Self:
        if self.filter.split is not None and self.filter.split not in (self.splits or {}):
            raise make_refusal("must be one of the version's splits", "filter", "split")
        return self


class VersionRead(Read):
    """A version; `hash` is the root of a Merkle tree of what it holds, once it is completed."""

    id: UUID
    project_id: UUID
    name: str
    status: JobStatus
    progress: int
    hash: str | None
    image_count: int
    splits: dict[str, int]
    filter: dict[str, JsonValue]
    split_options: dict[str, JsonValue]
    warnings: list[str]
    error: str | None
    created_at: Time
    updated_at: Time
    completed_at: Time | None


class MissingImage(Read):
    """An image that a version holds and that is deleted by now."""

    image_id: UUID
    sha256: str


class VersionDetail(VersionRead):
    """A version, and which of its images are deleted by now: `missing` names the first 100."""

    missing_images: int
    missing: list[MissingImage]


class VersionQuery(ListQuery):
    """Filters of a project's versions."""

    status: JobStatus | None = None


class VersionDiffQuery(ListQuery):
    """Paging of what two versions hold differently; a page of long texts has fewer than `limit`."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 50


class VersionedImage(Read):
    """An image as a version holds it; `rights` is a hash of the signals that its crawl met."""

    label: str | None
    caption: str | None
    split: str | None
    license: str | None
    attribution: str | None
    rights: str | None


class VersionChange(Read):
    """A content that another version holds otherwise, or not at all."""

    image_id: UUID
    sha256: str
    change: Change
    before: VersionedImage | None
    after: VersionedImage | None
