"""Crawl jobs and their chunks."""

from typing import Literal, Self
from uuid import UUID

from pydantic import JsonValue, model_validator

from shared.schemas.crawl_options import CrawlOptions, RequestedOptions
from shared.schemas.fields import JobStatus, Name, Time, make_refusal
from shared.schemas.kinds import Input, ListQuery, Read
from shared.schemas.sources import (
    KeywordsSource,
    ManifestSource,
    PagesSource,
    Source,
    UrlEntry,
    UrlsSource,
    check_phash_column,
)

CrawlStage = Literal["fetching", "validating", "analyzing"]
"""Step of a running crawl job, in this order."""
ChunkKind = Literal["urls", "pages", "manifest", "keywords", "variants"]
"""Content of a chunk: images to fetch (`urls`) or to make variants of, or pages, a part of a
manifest or keywords to find them by.
"""


class CrawlJobCreate(Input):
    """A new crawl job."""

    name: Name
    source: Source
    """Where the images come from; `type` says which kind of source it is."""
    options: RequestedOptions = CrawlOptions()

    @model_validator(mode="after")
    def _check_options_apply(self) -> Self:
        """Refuse what would be ignored with such a source."""
        _check_hashes(self.source, self.options.phash_distance)
        return self


def _check_hashes(source: Source, distance: int | None) -> None:
    """Raise an error where hashes are given without a distance, or a distance without hashes."""
    match source:
        case PagesSource() | KeywordsSource():
            has_hashes = False
            lack = f"applies to lists and manifests: {source.type} tell no hashes"
        case UrlsSource():
            has_hashes = any(isinstance(one, UrlEntry) and one.phash for one in source.urls)
            lack = "applies to entries with a phash: there is none"
        case ManifestSource():
            check_phash_column(source.columns, distance)
            return
    if distance is None and has_hashes:
        raise make_refusal("is required where entries have a phash", "options", "phash_distance")
    if distance is not None and not has_hashes:
        raise make_refusal(lack, "options", "phash_distance")


class CrawlJobQuery(ListQuery):
    """Filters of a project's crawl jobs."""

    status: JobStatus | None = None


class WorkCount(Read):
    """Numbers of images in one kind of work, as far as is known yet, by what became of them."""

    total: int
    """Number of images that it is to be done for, as far as is known yet."""
    done: int
    """Number of images that it is done for."""
    failed: int
    """Number of images that it could not be done for."""


class CrawlWork(Read):
    """The work that a crawl job was asked for beside its images; an image counts per analyzer."""

    variants: WorkCount
    """Variants that `options.variants` asks for."""
    validation: WorkCount
    """Judgement by the rules of `options.validate`."""
    analyses: WorkCount
    """Analyses that `options.analyze` asks for: one image counts for each analyzer."""


class CrawlJobRead(Read):
    """A crawl job; at the end downloaded + duplicate + failed images make the total.

    It is completed once its `work` is done too; what could not be made is counted there, and named
    in `error` and in the report. `valid_images` and `invalid_images` count originals, so together
    they make `downloaded_images` as long as no image is deleted. Of the addresses of a source
    `urls` one that cannot be fetched is an object with `reason` and `detail`.
    """

    id: UUID
    project_id: UUID
    schedule_id: UUID | None
    """Schedule that it is a run of, which may be gone by now; null for a job that a person started.
    """
    name: str
    keywords: list[str]
    """Words that are searched for; empty for other sources."""
    source: dict[str, JsonValue]
    options: dict[str, JsonValue]
    status: JobStatus
    stage: CrawlStage | None
    """Step that a running job is at; null before and after. Variants are made all along."""
    progress: int
    total_images: int
    """Number of addresses to fetch, as far as is known yet."""
    downloaded_images: int
    """Number of images that were stored as originals."""
    valid_images: int
    """Number of originals that break no rule; until a validation has judged them these are all."""
    invalid_images: int
    """Number of originals that break a rule."""
    duplicate_images: int
    """Number of images that the project has in another place already."""
    failed_images: int
    """Number of addresses that brought no image; the report says why."""
    total_chunks: int
    """Number of chunks that the work is cut into, as far as is known yet."""
    active_chunks: int
    """Number of chunks that a worker has now."""
    completed_chunks: int
    """Number of chunks that ended well."""
    failed_chunks: int
    """Number of chunks that were given up."""
    work: CrawlWork
    """What was asked for beside the images, and how far it is."""
    error: str | None
    """Why the job failed or what it lacks, for a person; null where there is nothing to say."""
    created_at: Time
    updated_at: Time
    started_at: Time | None
    completed_at: Time | None


class ScheduleRead(Read):
    """A crawl that repeats.

    A due time brings no run while the one before is at work, and while the project is archived.
    Where the account has too many jobs at work the run waits. Of times that passed while the system
    stood still one run is made.
    """

    id: UUID
    project_id: UUID
    name: str
    """Name of the crawl job that began it, which its runs have too."""
    source: dict[str, JsonValue]
    options: dict[str, JsonValue]
    next_run_at: Time
    """Time at which the next run is due."""
    last_run_at: Time | None
    """Due time of the latest run; null before the first one."""
    last_crawl_job_id: UUID | None
    """Crawl job of the latest run, which may be deleted by now; null before the first one."""
    missed_runs: int
    """Number of due times that brought no run."""
    error: str | None
    """Why the latest due time brought no run, for a person; null where it did."""
    created_at: Time
    updated_at: Time


class ChunkQuery(ListQuery):
    """Filters of a crawl job's chunks."""

    status: JobStatus | None = None


class ChunkRead(Read):
    """A part of a crawl job that one worker does: it fetches images, reads pages or makes variants.

    In a chunk of variants the outcomes count images that are stored already.
    """

    id: UUID
    position: int
    """Place within the job, from 0."""
    kind: ChunkKind
    """What the chunk holds."""
    status: JobStatus
    url_count: int
    """Number of images in the chunk; 0 for pages."""
    downloaded: int
    """Number of images that it brought as originals, or whose variants were made."""
    failed: int
    """Number of images that failed."""
    attempts: int
    """Number of workers that it was given to."""
    error: str | None
    due_at: Time | None
    """Time at which a pending chunk is handed out, where its hosts ask for time; null where it
    waits for none.
    """
    started_at: Time | None
    completed_at: Time | None
