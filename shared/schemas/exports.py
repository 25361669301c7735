"""Export jobs."""

import math
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, JsonValue, model_validator

from shared.schemas.fields import JobStatus, Key, Name, Time, refused
from shared.schemas.kinds import Input, ListQuery, Read

ExportFormat = Literal["zip", "tar", "csv", "json", "parquet"]
Layout = Literal["imagefolder", "webdataset", "coco"]

_TOLERANCE = 1e-6


def _shares_make_one(splits: dict[str, float]) -> dict[str, float]:
    if abs(math.fsum(splits.values()) - 1) > _TOLERANCE:
        raise refused("shares must add up to 1")
    return splits


Splits = Annotated[
    dict[Key, Annotated[float, Field(gt=0, le=1)]],
    Field(min_length=1, max_length=20),
    AfterValidator(_shares_make_one),
]


class ExportOptions(Input):
    """What an export holds; `variant` null means the original images.

    `layout` counts for archives. `splits` gives each split's share of the images; an image's split
    depends on its content alone.
    """

    include_metadata: bool = True
    include_invalid: bool = False
    include_duplicates: bool = False
    variant: Key | None = None
    layout: Layout = "imagefolder"
    splits: Splits | None = None


class ExportJobCreate(Input):
    """A new export job."""

    name: Name
    format: ExportFormat
    options: ExportOptions = ExportOptions()

    @model_validator(mode="after")
    def _webdataset_is_tar(self) -> Self:
        if self.options.layout == "webdataset" and self.format != "tar":
            raise refused("webdataset needs the format tar", "options", "layout")
        return self


class ExportJobQuery(ListQuery):
    """Filters of a user's export jobs."""

    status: JobStatus | None = None


class ExportJobRead(Read):
    """An export job; `download_url` is signed afresh while the file lives."""

    id: UUID
    crawl_job_id: UUID | None
    project_id: UUID
    user_id: UUID
    name: str
    status: JobStatus
    progress: int
    format: ExportFormat
    total_images: int
    exported_images: int
    file_size: int | None
    sha256: str | None
    download_url: str | None
    expires_at: Time | None
    export_options: dict[str, JsonValue]
    error: str | None
    created_at: Time
    updated_at: Time
