"""The report of a crawl job."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.schemas.fields import JobStatus
from shared.schemas.kinds import ListQuery, Read


class DedupSavings(Read):
    """Images that were not stored a second time."""

    images: int
    """Number of images whose content was stored already."""
    bytes: int
    """Bytes that they would have taken."""


class FailedUrl(Read):
    """An address that brought nothing, and why."""

    url: str
    """Address as it was given, without user information; of what is no address up to 2048
    characters.
    """
    position: int | None
    """Place in the list of the request, from 0; null for what pages led to."""
    source_page: str | None
    reason: str
    http_status: int | None
    detail: str | None
    retryable: bool


class FailedVariant(Read):
    """An image of which variants that were asked for could not be made, and why."""

    image_id: UUID
    url: str
    """Address that the image was taken from."""
    reason: str
    detail: str | None
    retryable: bool


class ConflictingEntry(Read):
    """An entry that gives an image another label or caption than the entry that counts.

    Its image is a duplicate of the other one, whose label and caption are in the job's exports.
    """

    image_id: UUID
    """Image of the entry that does not count."""
    url: str | None
    label: str | None
    """Class that this entry gives; null where it gives none."""
    caption: str | None
    """Text that this entry gives; null where it gives none."""
    kept_image_id: UUID
    """Image of the entry that counts."""
    kept_label: str | None
    """Class that counts; null where there is none."""
    kept_caption: str | None
    """Text that counts; null where there is none."""


class KeywordSearch(Read):
    """The search of one engine for one keyword."""

    keyword: str
    """Words that were searched for."""
    label: str | None
    """Class that the images get, from `categories`; null where there is none."""
    engine: str
    """Engine that was asked."""
    pages: int
    """Number of pages of results that were read."""
    results: int
    """Number of results that were seen."""
    found: int
    """Number of addresses that were taken of them."""
    end: str | None
    """`complete` after the last result, or why the search ended early; null while it goes on, and
    where `max_images` ended it.
    """
    detail: str | None
    retryable: bool


class ReportQuery(ListQuery):
    """The page of failed addresses that a report names, newest first."""

    limit: Annotated[int, Field(ge=1, le=200)] = 200
    """Failed addresses of the page, at most."""


class CrawlReport(Read):
    """The outcomes of a crawl job."""

    crawl_job_id: UUID
    status: JobStatus
    outcomes: dict[str, int]
    """Number of addresses by outcome: `downloaded`, `duplicate`, `failed` and, while the job is at
    work, `pending`.
    """
    failure_reasons: dict[str, int]
    """Number of failed addresses by reason (docs/reasons.md)."""
    formats: dict[str, int]
    """Number of images by format, without duplicates; `unknown` where it is not known."""
    sizes: dict[str, int]
    """Number of images by the longer side in pixels, such as `512-1023`, without duplicates."""
    licenses: dict[str, int]
    """Number of images by licence, without duplicates: the 50 commonest; `unknown` where none is
    known.
    """
    source_hosts: dict[str, int]
    """Number of images by host, without duplicates: the 50 commonest."""
    total_bytes: int
    """Bytes that the images take in the bucket."""
    duration_seconds: float | None
    """Seconds of the last run, so far; null before it has begun."""
    images_per_second: float | None
    """Images that the last run brought in a second; null before it has begun."""
    dedup_savings: DedupSavings
    """What was not stored a second time."""
    max_images_reached: bool
    """True where `max_images` ended it, so that there may be more."""
    left_out_urls: int
    """Number of given addresses that were not fetched because of `max_images`."""
    pages_read: int
    """Number of web pages that were searched for images."""
    page_failure_reasons: dict[str, int]
    """Number of failed pages by reason (docs/reasons.md)."""
    failed_pages: list[FailedUrl]
    """Pages that could not be searched."""
    searches: list[KeywordSearch]
    """Searches of a source of keywords, one for each keyword and engine."""
    failed_variants: list[FailedVariant]
    """Images of which variants could not be made, up to 200."""
    conflicting_entries: list[ConflictingEntry]
    """Entries whose label or caption does not count, up to 200."""
    failed_urls: list[FailedUrl]
    """Addresses that brought nothing, newest first: one page of them."""
    next_cursor: str | None
    """`cursor` of the report that names the failed addresses that follow; null on the last one."""
