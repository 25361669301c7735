"""Crawl jobs, their chunks and the report."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Discriminator, Field, JsonValue, Tag

from shared.imaging.variants import Variant
from shared.rights.signals import RightsPolicy
from shared.schemas.analyses import Analyzer
from shared.schemas.fields import (
    DEFAULT_DISTANCE,
    JobStatus,
    Name,
    NearDuplicateDistance,
    Pixels,
    Time,
    check_unique,
    make_refusal,
)
from shared.schemas.kinds import Input, ListQuery, Read
from shared.schemas.sources import Source
from shared.schemas.validations import Rules

# A variant that everybody knows by its name, or a specification of one's own. Tags in angle
# brackets are left out of JSON pointers (`shared.schemas.errors`).
VariantChoice = Annotated[
    Annotated[Literal["thumbnail"], Tag("<name>")] | Annotated[Variant, Tag("<specification>")],
    Discriminator(lambda given: "<name>" if isinstance(given, str) else "<specification>"),
]


def _list_default_variants() -> list[Literal["thumbnail"] | Variant]:
    return ["thumbnail"]


def _check_names(choices: list[str | Variant]) -> list[str | Variant]:
    names = [choice if isinstance(choice, str) else choice.name for choice in choices]
    if len(set(names)) < len(names):
        raise make_refusal("must not contain the same name twice")
    return choices


class CrawlOptions(Input):
    """The options by which a crawl job chooses and treats images.

    `max_images` left out is 1000 for pages, and as many as it lists for a source of `urls`.
    Of entries with a `sha256` other bytes fail as `checksum_mismatch`. With a `phash_distance`
    (differing bits of 64), those that have a `phash` too pass with a picture so near, or fail as
    `different_picture`. `max_distance` counts for ``dedup: "perceptual"`` only. `validate`
    starts a validation job, `analyze` analysis jobs, when the crawl completes. `rights` says if
    wishes about the use in AI are heeded, and with ``opt_in_only`` that there must be a permission.
    """

    max_images: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    chunk_size: Annotated[int, Field(ge=1, le=1000)] = 100
    min_width: Pixels = 0
    min_height: Pixels = 0
    dedup: Literal["none", "exact", "perceptual"] = "exact"
    max_distance: NearDuplicateDistance = DEFAULT_DISTANCE
    variants: Annotated[list[VariantChoice], Field(max_length=10), AfterValidator(_check_names)] = (
        Field(default_factory=_list_default_variants)
    )
    validate_: Rules | None = Field(default=None, alias="validate")
    analyze: Annotated[list[Analyzer], Field(max_length=5), AfterValidator(check_unique)] = Field(
        default_factory=list
    )
    phash_distance: Annotated[int, Field(ge=0, le=32)] | None = None
    respect_robots: bool = True
    rights: RightsPolicy = "respect"


def _check_options(options: CrawlOptions) -> CrawlOptions:
    """Refuse an option that would be ignored, but not its default: stored options hold it too."""
    if options.dedup != "perceptual" and options.max_distance != DEFAULT_DISTANCE:
        raise make_refusal('applies to "dedup": "perceptual" only', "max_distance")
    return options


# The options of a request; those that are stored may be older than a check.
RequestedOptions = Annotated[CrawlOptions, AfterValidator(_check_options)]


class CrawlJobCreate(Input):
    """A new crawl job."""

    name: Name
    source: Source
    options: RequestedOptions = CrawlOptions()


class CrawlJobQuery(ListQuery):
    """Filters of a project's crawl jobs."""

    status: JobStatus | None = None


class WorkCount(Read):
    """Numbers of images in one kind of work, as far as is known yet, by what became of them."""

    total: int
    done: int
    failed: int


class CrawlWork(Read):
    """The work that a crawl job was asked for beside its images; an image counts per analyzer."""

    variants: WorkCount
    validation: WorkCount
    analyses: WorkCount


class CrawlJobRead(Read):
    """A crawl job; at the end downloaded + duplicate + failed images make the total.

    It is completed once its `work` is done too; what could not be made is counted there, and named
    in `error` and in the report. `stage` is what a running job is at: variants are made all along.
    `valid_images` and `invalid_images` count originals, so together they make `downloaded_images`
    as long as no image is deleted; until a validation has judged them all are valid.

    Of the addresses of a source `urls` it shows the first ten; `source.url_count` tells how many
    there are. One that cannot be fetched is an object with `reason` and `detail`.
    """

    id: UUID
    project_id: UUID
    name: str
    keywords: list[str]
    source: dict[str, JsonValue]
    options: dict[str, JsonValue]
    status: JobStatus
    stage: Literal["fetching", "validating", "analyzing"] | None
    progress: int
    total_images: int
    downloaded_images: int
    valid_images: int
    invalid_images: int
    duplicate_images: int
    failed_images: int
    total_chunks: int
    active_chunks: int
    completed_chunks: int
    failed_chunks: int
    work: CrawlWork
    error: str | None
    created_at: Time
    updated_at: Time
    started_at: Time | None
    completed_at: Time | None


class ChunkQuery(ListQuery):
    """Filters of a crawl job's chunks."""

    status: JobStatus | None = None


class ChunkRead(Read):
    """A part of a crawl job that one worker does: it fetches images, reads pages or makes variants.

    `url_count` and the outcomes count images, so they are 0 for a chunk of pages. In a chunk of
    variants they count images that are stored already.
    """

    id: UUID
    position: int
    kind: Literal["urls", "pages", "manifest", "variants"]
    status: JobStatus
    url_count: int
    downloaded: int
    failed: int
    attempts: int
    error: str | None
    started_at: Time | None
    completed_at: Time | None


class DedupSavings(Read):
    """Images whose content was stored already, and the bytes that they would have taken."""

    images: int
    bytes: int


class FailedUrl(Read):
    """An address that brought nothing, and why; `source_page` is the page that it stood on.

    `position` is its place in the list of the request, from 0; null for what pages led to. What is
    no address (`bad_url`) is shown without user information and cut to 2048 characters.
    """

    url: str
    position: int | None
    source_page: str | None
    reason: str
    http_status: int | None
    detail: str | None
    retryable: bool


class FailedVariant(Read):
    """An image of which variants that were asked for could not be made, and why."""

    image_id: UUID
    url: str
    reason: str
    detail: str | None
    retryable: bool


class ConflictingEntry(Read):
    """An entry that gives an image another label or caption than the entry that counts.

    It is the image `image_id`, which keeps what its entry says, a duplicate of what
    `kept_image_id` is. That one's label and caption are in the exports of the job.
    """

    image_id: UUID
    url: str | None
    label: str | None
    caption: str | None
    kept_image_id: UUID
    kept_label: str | None
    kept_caption: str | None


class ReportQuery(ListQuery):
    """The page of failed addresses that a report names, newest first."""

    limit: Annotated[int, Field(ge=1, le=200)] = 200


class CrawlReport(Read):
    """The outcomes of a crawl job; each dict maps a value to a number of images.

    `outcomes` has `downloaded`, `duplicate`, `failed` and, while the job is at work, `pending`.
    `formats`, `sizes` (longer side in pixels), `licenses` and `source_hosts` (the 50 commonest)
    count what is kept: duplicates are left out. `total_bytes` is what these take in the bucket.
    The duration and rate are those of the last run. `left_out_urls` of the addresses given were
    not fetched because of `max_images`; `max_images_reached` says also of a search in pages that
    it ended there and that there may be more. `pages_read` web pages were searched for images,
    `failed_pages` could not be. `failed_variants` and `conflicting_entries` name up to 200 images.
    `failed_urls` names up to 200; the report at `?cursor=` with the `next_cursor` names those that
    follow, until it is null.
    """

    crawl_job_id: UUID
    status: JobStatus
    outcomes: dict[str, int]
    failure_reasons: dict[str, int]
    formats: dict[str, int]
    sizes: dict[str, int]
    licenses: dict[str, int]
    source_hosts: dict[str, int]
    total_bytes: int
    duration_seconds: float | None
    images_per_second: float | None
    dedup_savings: DedupSavings
    max_images_reached: bool
    left_out_urls: int
    pages_read: int
    page_failure_reasons: dict[str, int]
    failed_pages: list[FailedUrl]
    failed_variants: list[FailedVariant]
    conflicting_entries: list[ConflictingEntry]
    failed_urls: list[FailedUrl]
    next_cursor: str | None
