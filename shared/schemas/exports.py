"""Export jobs."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, JsonValue, model_validator

from shared.schemas.fields import JobStatus, Key, Name, Time, make_refusal
from shared.schemas.kinds import Input, ListQuery, Read
from shared.schemas.splits import SplitOptions
from shared.schemas.variants import RequestedResize

ExportFormat = Literal["zip", "tar", "csv", "json", "parquet"]
"""Format of an export: an archive of images (`zip`, `tar`), or a table of them."""
Layout = Literal["imagefolder", "webdataset", "coco", "huggingface"]
"""Layout of an archive, named for those who read it; `webdataset` is for tar only."""
ShardBytes = Annotated[int, Field(ge=1024**2, le=1024**4)]  # 1 MiB to 1 TiB

_ARCHIVES = ("zip", "tar")
# Options that tables are refused, and what these lack.
_OF_ARCHIVES = {"layout": "folders", "resize": "images", "keep_metadata": "images"}
# The folders that Hugging Face takes for a split (datasets.data_files.SPLIT_KEYWORDS).
_SPLIT_WORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}


class ExportOptions(SplitOptions):
    """The content of an export.

    A `webdataset` with splits, or with `shard_bytes`, is a tar that holds tars of about that size,
    of each split a set of its own.
    """

    include_metadata: bool = True
    """Whether labels, captions and all that is known of the images is written beside them."""
    include_invalid: bool = False
    """Whether images that break a rule are in it too."""
    include_duplicates: bool = False
    """Whether duplicates are in it too, beside their originals."""
    variant: Key | None = None
    """Variant that is exported instead of the originals; of images that lack it it is made."""
    resize: RequestedResize | None = None
    """Size that all images are given while the export is built, of their originals; null leaves
    them as they are.
    """
    keep_metadata: bool = False
    """Whether files keep what they say beside their pixels, such as place and owner."""
    layout: Layout = "imagefolder"
    """Layout of an archive; tables are refused one."""
    shard_bytes: ShardBytes | None = None
    """Bytes that the tars of a `webdataset` have, about; 64 MiB where it is left out."""
    recheck_rights: bool = False
    """Whether the origin of every image is asked again before, and what its owner permits no longer
    is left out.
    """
    escape_formulas: bool = False
    """Whether a `'` is put before texts of a CSV that spreadsheets would run."""

    @property
    def is_sharded(self) -> bool:
        """Return whether the export is a tar of tars."""
        return self.layout == "webdataset" and bool(self.splits or self.shard_bytes)

    @property
    def keeps_splits_apart(self) -> bool:
        """Return whether what the export is made of has images of one split each."""
        return self.is_sharded or self.layout == "huggingface"

    @model_validator(mode="after")
    def _check_resize(self) -> Self:
        if self.resize is not None and self.variant is not None:
            message = "is made of the originals: leave variant out, or resize"
            raise make_refusal(message, "resize")
        return self


class ExportJobCreate(Input):
    """A new export job."""

    name: Name
    format: ExportFormat
    """Format of the file."""
    options: ExportOptions = ExportOptions()
    """Content and layout of the file."""

    @model_validator(mode="after")
    def _check_layout(self) -> Self:
        options = self.options
        if options.layout == "webdataset" and self.format != "tar":
            raise make_refusal("webdataset needs the format tar", "options", "layout")
        if options.shard_bytes is not None and options.layout != "webdataset":
            message = "shard_bytes is for the layout webdataset: leave it out"
            raise make_refusal(message, "options", "shard_bytes")
        if options.escape_formulas and self.format != "csv":
            message = "escape_formulas is for the format csv: leave it out"
            raise make_refusal(message, "options", "escape_formulas")
        if self.format not in _ARCHIVES:
            for name, lacking in _OF_ARCHIVES.items():
                if name in options.model_fields_set:
                    message = (
                        f"{name} is for zip and tar: leave it out, as {{format}} has no {lacking}"
                    )
                    raise make_refusal(message, "options", name, format=self.format)
        elif options.layout != "coco" and (refusal := explain_split_names(options.splits or ())):
            raise make_refusal("{refusal}", "options", "splits", refusal=refusal)
        return self


def explain_split_names(names: Iterable[str]) -> str | None:
    """Return why loading by `data_dir` would merge, lose or repeat splits of these names."""
    earlier: dict[str, str] = {}
    for name in sorted(names):
        split = next((split for split, words in _SPLIT_WORDS.items() if name in words), None)
        if split is None:
            return (
                f"name splits train, validation and test: datasets does not read {name} as a split "
                "of its own; coco and tables take any name"
            )
        if split in earlier:
            return f"datasets reads {earlier[split]} and {name} as one split: leave one of them out"
        earlier[split] = name
    return None


class ExportJobQuery(ListQuery):
    """Filters of a user's export jobs."""

    status: JobStatus | None = None


class ExportFailure(Read):
    """An image that could not be exported, and why."""

    image_id: UUID
    url: str | None
    reason: str
    detail: str


class RightsRecheck(Read):
    """The verification job that asks for the rights of an export's images again.

    Its numbers are there once it has ended. Images that have `opted_out` are left out of the
    export; those of which nothing was learned (`unreachable`), whose origin has nothing any more
    (`gone`) or something else (`different_picture`), or that have none (`without_origin`) are in
    it under the terms on which they were taken.
    """

    verification_job_id: UUID
    status: JobStatus
    total_images: int
    """Number of images whose origin is asked; it and the numbers below are there once the job has
    ended.
    """
    opted_out: int
    unreachable: int
    gone: int
    different_picture: int
    without_origin: int


class ExportJobRead(Read):
    """An export job; at the end exported + failed images make the total.

    An export of a version has among `failures` what was deleted since.
    """

    id: UUID
    crawl_job_id: UUID | None
    """Crawl job whose images it is of; null for a project or a version."""
    version_id: UUID | None
    """Version that it is of; null for a crawl job, or what the project holds at the time."""
    project_id: UUID
    user_id: UUID
    name: str
    status: JobStatus
    progress: int
    format: ExportFormat
    """Format of the file."""
    total_images: int
    """Number of images to export, as far as is known yet."""
    exported_images: int
    """Number of images that were written."""
    duplicate_images: int
    """Number of those that duplicate another."""
    failed_images: int
    """Number of images that could not be written."""
    failures: list[ExportFailure]
    """The first 100 that failed, in a list of jobs the first 10."""
    warnings: list[str]
    """What the dataset lacks, such as a class in one of its splits, for a person."""
    recheck: RightsRecheck | None
    """Rights that were asked for again; null where that was not wanted."""
    file_size: int | None
    """Size of the file in bytes; null until it is complete."""
    sha256: str | None
    """SHA-256 of the file, in hexadecimal digits; null until it is complete, and above 32 GiB."""
    download_url: str | None
    """Signed address of the file, for a short time; null in lists, and where there is no file."""
    expires_at: Time | None
    """Time at which the file is deleted; null until there is one."""
    export_options: dict[str, JsonValue]
    """Options of the export as they were sent."""
    error: str | None
    created_at: Time
    updated_at: Time
