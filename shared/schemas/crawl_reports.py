"""The report of a crawl job."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.schemas.fields import JobStatus
from shared.schemas.kinds import ListQuery, Read


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


class KeywordSearch(Read):
    """The search of one engine for one keyword: pages read, results seen, addresses taken of them.

    `end` is null while it goes on, and where `max_images` ended it; ``complete`` after the last
    result; or else the reason why it ended early, with `detail`. A retry takes up what is
    `retryable`.
    """

    keyword: str
    label: str | None
    engine: str
    pages: int
    results: int
    found: int
    end: str | None
    detail: str | None
    retryable: bool


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
    `failed_pages` could not be. `searches` are those of a source of keywords. `failed_variants` and
    `conflicting_entries` name up to 200 images.
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
    searches: list[KeywordSearch]
    failed_variants: list[FailedVariant]
    conflicting_entries: list[ConflictingEntry]
    failed_urls: list[FailedUrl]
    next_cursor: str | None
