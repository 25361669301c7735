"""Types of what the API takes and answers (written by `make contracts`)."""

from __future__ import annotations

from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """One page of a list; `next_cursor` leads to the next one, or is null."""

    items: list[Item]
    next_cursor: str | None


AnalysisStatus = Literal["pending", "running", "completed", "failed"]


Change = Literal["added", "removed", "changed"]


ChunkKind = Literal["urls", "pages", "manifest", "keywords", "variants"]


ColorOrder = Literal["rgb", "bgr", "grayscale"]


CrawlStage = Literal["fetching", "validating", "analyzing"]


Datatype = Literal["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"]


Dedup = Literal["none", "exact", "perceptual"]


DeliveryStatus = Literal["pending", "completed", "failed"]


Dimension = int


DriftStatus = Literal["stable", "shifting", "drifted"]


EngineName = Literal["openverse", "wikimedia", "flickr", "pexels", "unsplash", "google"]


EventType = Literal["analysis_job.completed", "analysis_job.failed", "analysis_job.cancelled", "crawl_job.completed", "crawl_job.failed", "crawl_job.cancelled", "export_job.completed", "export_job.failed", "model_verification.completed", "model_verification.failed", "validation_job.completed", "validation_job.failed", "validation_job.cancelled", "verification_job.completed", "verification_job.failed", "verification_job.cancelled", "version.completed", "version.failed"]


ExportFormat = Literal["zip", "tar", "csv", "json", "parquet"]


Fit = Literal["contain", "cover", "fill"]


HealthStatus = Literal["ok", "failed"]


HistogramScale = Literal["linear", "log"]


ImageFormat = Literal["jpeg", "png", "webp", "gif", "bmp", "tiff", "avif"]


ImageStatus = Literal["processing", "completed", "failed"]


JobStatus = Literal["pending", "running", "completed", "failed", "cancelled"]


JsonValue = Any


Layout = Literal["imagefolder", "webdataset", "coco", "huggingface"]


LicenseChoice = Literal["cc0", "pdm", "by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd", "public-domain", "commercial", "modification", "commercial-modification"]


ModelStatus = Literal["pending", "active", "deprecated", "archived", "rejected"]


ModelType = Literal["onnx", "sklearn", "pytorch", "tensorflow"]


NewModelStatus = Literal["active", "deprecated", "archived"]


Outcome = Literal["same_bytes", "same_picture", "different_picture", "gone", "opted_out", "unreachable"]


Position = Literal["top-left", "top", "top-right", "left", "center", "right", "bottom-left", "bottom", "bottom-right"]


PredictionStatus = Literal["pending", "success", "failed"]


ProjectStatus = Literal["active", "archived"]


RefererPolicy = Literal["page", "none"]


Refresh = Literal["skip", "revalidate", "always"]


Resampling = Literal["nearest", "bilinear", "bicubic", "lanczos"]


ResizeMode = Literal["pad", "cover", "fill", "contain"]


RightsDecision = Literal["allowed", "refused"]


RightsPolicy = Literal["respect", "opt_in_only", "ignore"]


Role = Literal["user", "admin"]


RuleName = Literal["min_width", "min_height", "max_width", "max_height", "min_bytes", "max_bytes", "allowed_formats", "min_aspect_ratio", "max_aspect_ratio", "min_sharpness", "min_brightness", "max_brightness", "max_uniformity", "allow_animated", "allow_grayscale", "require_license", "near_duplicate_distance"]


Runtime = Literal["onnx", "litert", "skops"]


SignalSource = Literal["robots.txt", "x-robots-tag", "robots-meta", "content-usage", "content-signal", "tdmrep.json", "tdm-reservation", "tdm-meta", "rsl", "exif", "iptc", "xmp", "c2pa"]


Stratification = Literal["label"]


TensorLayout = Literal["NCHW", "NHWC", "flat"]


VariantFormat = Literal["jpeg", "png", "webp", "avif"]


VariantRequestStatus = Literal["pending", "failed"]


class AccountDelete(TypedDict):
    """Delete one's own account, which asks for its password again."""

    current_password: str
    """Password of now."""


class ActivityRead(TypedDict):
    """One thing that somebody did."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    user_id: str | None
    """Account that did it; null where it is not known or gone."""
    action: str
    """What was done, such as `project.create`; a refusal ends in `_refused`."""
    resource_type: str | None
    """Kind of thing that it was done to, such as `project`."""
    resource_id: str | None
    """Id of that thing; null where it has none."""
    metadata: dict[str, Any]
    """Further facts, such as `request_id`."""
    ip_address: str | None
    """IP address that the request came from; null where it is not known."""
    user_agent: str | None
    """Program that sent the request, in its own words; null where it said none."""
    timestamp: str
    """Time at which it was done, in UTC."""


class AgeOutcomes(TypedDict):
    """The outcomes of images by their age when they were asked for, such as `30-89 days`."""

    images: int
    """Number of images that these are of."""
    same_bytes: int
    """Number of images whose origin serves the same bytes."""
    same_picture: int
    """Number of images whose origin serves other bytes of the same picture."""
    different_picture: int
    """Number of images whose origin serves another picture."""
    gone: int
    """Number of images whose origin has nothing any more."""
    opted_out: int
    """Number of images whose owner permits their use no longer."""
    unreachable: int
    """Number of images of which nothing was learned, for a passing reason."""
    link_rot_percent: float | None
    """Per cent, of the images of which the answer tells, that are different or gone; null where it tells of none."""
    age: str
    """Age when they were asked for, such as `30-89 days`."""


class AliasSet(TypedDict):
    """The version that an alias is to stand for."""

    version: int
    """Number of the version."""


class AnalysisCreate(TypedDict):
    """The analyzer to ask."""

    analyzer: str
    """Analyzer to ask: `basic`, `gemini`, or `model:` and the id of a registered model."""
    force: NotRequired[bool]
    """Whether it is asked again where this version has answered."""
    version_id: NotRequired[str | None]
    """Version of a dataset that holds what is analysed; of a crawl job's images only these are."""


class AnalysisJobRead(TypedDict):
    """An analysis job."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    crawl_job_id: str
    """Crawl job that this is about."""
    version_id: str | None
    """Version of a dataset that was named for it, which may be deleted by now; null where none was."""
    analyzer: str
    """Analyzer that is asked: `basic`, `gemini`, or `model:` and a model's id."""
    model_version: str | None
    """Version of the analyzer that does it, of a registered model its number; null until it is known."""
    force: bool
    """Whether images are analysed again that this version has analysed."""
    status: JobStatus
    """State of the work."""
    progress: int
    """Per cent that are done, 0 to 100; 100 only once it has ended well."""
    total_images: int
    """Number of images that the job is about, as far as is known yet."""
    analyzed_images: int
    """Number of images with a completed analysis."""
    failed_images: int
    """Number of images that brought no result."""
    skipped_images: int
    """Number of images that had been, or were being, analysed by this version."""
    error: str | None
    """Cause of a failure, for a person; null where nothing failed."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""
    started_at: str | None
    """Time at which the work began; null until then."""
    completed_at: str | None
    """Time at which it reached its last state; null until then."""


class AnalysisRead(TypedDict):
    """One analysis of one image."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    image_id: str
    """Image that this is about."""
    version_id: str | None
    """Version of a dataset that was named for it, which may be deleted by now; null where none was."""
    analysis_job_id: str | None
    """Job that asked for it; null where a person asked about this image."""
    analyzer: str
    """Analyzer that is asked: `basic`, `gemini`, or `model:` and a model's id."""
    model_version: str | None
    """Version of the analyzer that does it, of a registered model its number; null until it is known."""
    status: AnalysisStatus
    """State of the analysis."""
    description: str | None
    """What the image shows, in words; null until it is completed, and where the analyzer writes none."""
    labels: list[Any]
    """What was recognised, each with its `name` and `score`, 0 to 1; empty until it is completed."""
    metrics: dict[str, Any]
    """What was measured, by name; which there are depends on the analyzer."""
    objects: list[DetectedObject] | None
    """Objects that were found, if any; null where the analyzer gives no boxes."""
    processing_time_ms: float | None
    """Milliseconds that it took; null until it has ended."""
    error_code: str | None
    """Kind of the failure in a word that can be counted; null where nothing failed."""
    error: str | None
    """Why it failed, or what it waits for, for a person; null otherwise."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""


class ApiKeyCreate(TypedDict):
    """A new API key; without `expires_at` it lives until it is revoked."""

    name: str
    """Name for people, of one line; it need not be unique."""
    expires_at: NotRequired[str | None]
    """Time in the future from which the key works no longer; without one it works until it is revoked."""


class ApiKeyCreated(TypedDict):
    """A new API key; `key` is shown this once."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    name: str
    """Name that its owner gave it."""
    prefix: str
    """First characters of the key, by which its owner knows it."""
    key: str
    """The key itself (`pxk_…`), for `Authorization: Bearer`. It is kept nowhere: note it now."""
    expires_at: str | None
    """Time from which it works no longer; null where there is no end."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""


class ApiKeyRead(TypedDict):
    """An API key as the list shows it."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    name: str
    """Name that its owner gave it."""
    prefix: str
    """First characters of the key, by which its owner knows it."""
    is_active: bool
    """False once it is revoked."""
    last_used_at: str | None
    """Time of the last request that it was accepted for, to about a minute; null before the first."""
    expires_at: str | None
    """Time from which it works no longer; null where there is no end."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""


class Check(TypedDict):
    """One part that the system needs."""

    status: HealthStatus
    """Whether it answers."""
    detail: str | None
    """What is wrong, for a person; null where it is well."""
    ms: float
    """Milliseconds that it took to answer."""


class ChunkRead(TypedDict):
    """A part of a crawl job that one worker does: it fetches images, reads pages or makes variants.

    In a chunk of variants the outcomes count images that are stored already.
    """

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    position: int
    """Place within the job, from 0."""
    kind: ChunkKind
    """What the chunk holds."""
    status: JobStatus
    """State of the work."""
    url_count: int
    """Number of images in the chunk; 0 for pages."""
    downloaded: int
    """Number of images that it brought as originals, or whose variants were made."""
    failed: int
    """Number of images that failed."""
    attempts: int
    """Number of workers that it was given to."""
    error: str | None
    """Cause of a failure, for a person; null where nothing failed."""
    due_at: str | None
    """Time at which a pending chunk is handed out, where its hosts ask for time; null where it waits for none."""
    started_at: str | None
    """Time at which the work began; null until then."""
    completed_at: str | None
    """Time at which it reached its last state; null until then."""


class ConflictingEntry(TypedDict):
    """An entry that gives an image another label or caption than the entry that counts.

    Its image is a duplicate of the other one, whose label and caption are in the job's exports.
    """

    image_id: str
    """Image of the entry that does not count."""
    url: str | None
    """Address that the image was taken from; null for an upload."""
    label: str | None
    """Class that this entry gives; null where it gives none."""
    caption: str | None
    """Text that this entry gives; null where it gives none."""
    kept_image_id: str
    """Image of the entry that counts."""
    kept_label: str | None
    """Class that counts; null where there is none."""
    kept_caption: str | None
    """Text that counts; null where there is none."""


class CrawlJobCreate(TypedDict):
    """A new crawl job."""

    name: str
    """Name for people, of one line; it need not be unique."""
    source: UrlsSource | PagesSource | ManifestSource | KeywordsSource
    """Where the images come from; `type` says which kind of source it is."""
    options: NotRequired[CrawlOptions]
    """Ways in which images are chosen and treated."""


class CrawlJobRead(TypedDict):
    """A crawl job; at the end downloaded + duplicate + failed images make the total.

    It is completed once its `work` is done too; what could not be made is counted there, and named
    in `error` and in the report. `valid_images` and `invalid_images` count originals, so together
    they make `downloaded_images` as long as no image is deleted. Of the addresses of a source
    `urls` one that cannot be fetched is an object with `reason` and `detail`.
    """

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    project_id: str
    """Project that it belongs to."""
    schedule_id: str | None
    """Schedule that it is a run of, which may be gone by now; null for a job that a person started."""
    name: str
    """Name that its owner gave it."""
    keywords: list[str]
    """Words that are searched for; empty for other sources."""
    source: dict[str, Any]
    """Source of the images as it was given; of a list of addresses the first ten, with their number in `url_count`."""
    options: dict[str, Any]
    """Options of the crawl, those that were left out included."""
    status: JobStatus
    """State of the work."""
    stage: CrawlStage | None
    """Step that a running job is at; null before and after. Variants are made all along."""
    progress: int
    """Per cent that are done, 0 to 100; 100 only once it has ended well."""
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
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""
    started_at: str | None
    """Time at which the work began; null until then."""
    completed_at: str | None
    """Time at which it reached its last state; null until then."""


class CrawlOptions(TypedDict):
    """The options by which a crawl job chooses and treats images."""

    max_images: NotRequired[int]
    """Images that the job takes at most. Left out it is 1000 for pages, and as many as it lists for a source of `urls`."""
    chunk_size: NotRequired[int]
    """Images that one worker fetches in a piece: smaller chunks spread over more workers."""
    min_width: NotRequired[int]
    """Pixels of width below which an image fails as `too_small`."""
    min_height: NotRequired[int]
    """Pixels of height below which an image fails as `too_small`."""
    dedup: NotRequired[Dedup]
    """What counts as a duplicate."""
    max_distance: NotRequired[int]
    """Differing bits of 64 between perceptual hashes, up to which pictures count as near duplicates; for `"dedup": "perceptual"` only."""
    variants: NotRequired[list[Literal["thumbnail"] | Variant]]
    """Variants to make of every image: `thumbnail`, or specifications of one's own."""
    validate: NotRequired[Rules | None]
    """Rules of a validation that follows the crawl; null for none."""
    analyze: NotRequired[list[str]]
    """Analyzers that are asked about every valid image after the crawl: `basic`, `gemini`, or `model:` and a model's id."""
    phash_distance: NotRequired[int | None]
    """Differing bits of 64 up to which a picture is taken for that of the entry's `phash`; one that differs more fails as `different_picture`. Needed where entries have one."""
    refresh: NotRequired[Refresh]
    """What is done with addresses that brought the project an image before."""
    every: NotRequired[str | None]
    """Interval of hours, days or weeks (`12h`, `1d`, `2w`; up to a year) after which the crawl repeats at the same source with the same options, until its schedule is deleted; null for once."""
    respect_robots: NotRequired[bool]
    """Whether what a robots.txt forbids is left alone."""
    rights: NotRequired[RightsPolicy]
    """Policy about wishes of owners that concern use in AI."""


class CrawlReport(TypedDict):
    """The outcomes of a crawl job."""

    crawl_job_id: str
    """Crawl job that this is about."""
    status: JobStatus
    """State of the work."""
    outcomes: dict[str, int]
    """Number of addresses by outcome: `downloaded`, `duplicate`, `failed` and, while the job is at work, `pending`."""
    failure_reasons: dict[str, int]
    """Number of failed addresses by reason (docs/reasons.md)."""
    formats: dict[str, int]
    """Number of images by format, without duplicates; `unknown` where it is not known."""
    sizes: dict[str, int]
    """Number of images by the longer side in pixels, such as `512-1023`, without duplicates."""
    licenses: dict[str, int]
    """Number of images by licence, without duplicates: the 50 commonest; `unknown` where none is known."""
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


class CrawlWork(TypedDict):
    """The work that a crawl job was asked for beside its images; an image counts per analyzer."""

    variants: WorkCount
    """Variants that `options.variants` asks for."""
    validation: WorkCount
    """Judgement by the rules of `options.validate`."""
    analyses: WorkCount
    """Analyses that `options.analyze` asks for: one image counts for each analyzer."""


class DailyUsage(TypedDict):
    """One day in UTC: predictions asked for, and images whose content was stored."""

    date: str
    """Day in UTC."""
    prediction_count: int
    """Number of predictions that were asked for."""
    failed_predictions: int
    """Number of those that failed."""
    avg_inference_time_ms: float | None
    """Mean time that the model took, in milliseconds; null where no prediction was timed."""
    p95_inference_time_ms: float | None
    """Milliseconds that 95 of 100 predictions did not exceed; null where none was timed."""
    images_stored: int
    """Number of images whose content was stored on it."""
    bytes_stored: int
    """Bytes that these take."""


class DedupSavings(TypedDict):
    """Images that were not stored a second time."""

    images: int
    """Number of images whose content was stored already."""
    bytes: int
    """Bytes that they would have taken."""


class DetectedObject(TypedDict):
    """An object that an analysis found in an image."""

    label: str
    """Kind of thing that it is."""
    box: list[Any]
    """Left, top, width and height as shares of the picture as it is displayed, 0 to 1."""
    score: float | None
    """Certainty, 0 to 1; null where the analyzer gives none."""


class Drift(TypedDict):
    """The difference of the inputs of the last seven days from those of the model's first seven."""

    status: DriftStatus
    """Usual reading of the score."""
    score: float
    """Population stability index of the input that differs most; up to 0.1 is stable, above 0.25 drifted."""
    inputs: dict[str, float]
    """Population stability index by input."""


class ExportFailure(TypedDict):
    """An image that could not be exported, and why."""

    image_id: str
    """Image that this is about."""
    url: str | None
    """Address that the image was taken from; null for an upload."""
    reason: str
    """Kind of the failure, one of a closed list of words (docs/reasons.md)."""
    detail: str
    """The same in words, for a person."""


class ExportJobCreate(TypedDict):
    """A new export job."""

    name: str
    """Name for people, of one line; it need not be unique."""
    format: ExportFormat
    """Format of the file."""
    options: NotRequired[ExportOptions]
    """Content and layout of the file."""


class ExportJobRead(TypedDict):
    """An export job; at the end exported + failed images make the total.

    An export of a version has among `failures` what was deleted since.
    """

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    crawl_job_id: str | None
    """Crawl job whose images it is of; null for a project or a version."""
    version_id: str | None
    """Version that it is of; null for a crawl job, or what the project holds at the time."""
    project_id: str
    """Project that it belongs to."""
    user_id: str
    """Account that owns it."""
    name: str
    """Name that its owner gave it."""
    status: JobStatus
    """State of the work."""
    progress: int
    """Per cent that are done, 0 to 100; 100 only once it has ended well."""
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
    expires_at: str | None
    """Time at which the file is deleted; null until there is one."""
    export_options: dict[str, Any]
    """Options of the export as they were sent."""
    error: str | None
    """Cause of a failure, for a person; null where nothing failed."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""


class ExportOptions(TypedDict):
    """The content of an export.

    A `webdataset` with splits, or with `shard_bytes`, is a tar that holds tars of about that size,
    of each split a set of its own.
    """

    splits: NotRequired[dict[str, Any] | None]
    """Share of the images by name of the split; they add up to 1. Null for none."""
    stratify: NotRequired[Stratification | None]
    """Makes each class have its share in every split, as far as its groups allow."""
    group_by: NotRequired[str | list[str] | None]
    """Columns by which images stay in one split where they agree: `host`, `source_page`, `label`, or `metadata.` and a name."""
    leak_distance: NotRequired[int]
    """Differing bits of 64 between perceptual hashes, up to which images stay in one split."""
    include_metadata: NotRequired[bool]
    """Whether labels, captions and all that is known of the images is written beside them."""
    include_invalid: NotRequired[bool]
    """Whether images that break a rule are in it too."""
    include_duplicates: NotRequired[bool]
    """Whether duplicates are in it too, beside their originals."""
    variant: NotRequired[str | None]
    """Variant that is exported instead of the originals; of images that lack it it is made."""
    resize: NotRequired[Resize | None]
    """Size that all images are given while the export is built, of their originals; null leaves them as they are."""
    keep_metadata: NotRequired[bool]
    """Whether files keep what they say beside their pixels, such as place and owner."""
    layout: NotRequired[Layout]
    """Layout of an archive; tables are refused one."""
    shard_bytes: NotRequired[int | None]
    """Bytes that the tars of a `webdataset` have, about; 64 MiB where it is left out."""
    recheck_rights: NotRequired[bool]
    """Whether the origin of every image is asked again before, and what its owner permits no longer is left out."""
    escape_formulas: NotRequired[bool]
    """Whether a `'` is put before texts of a CSV that spreadsheets would run."""


class FailedUrl(TypedDict):
    """An address that brought nothing, and why."""

    url: str
    """Address as it was given, without user information; of what is no address up to 2048 characters."""
    position: int | None
    """Place in the list of the request, from 0; null for what pages led to."""
    source_page: str | None
    """Page that showed the image; null where it came from none."""
    reason: str
    """Kind of the failure, one of a closed list of words (docs/reasons.md)."""
    http_status: int | None
    """Status of the last HTTP answer; null where none came."""
    detail: str | None
    """The same in words, for a person; null where there is no more to say."""
    retryable: bool
    """True where a retry of the job may bring it."""


class FailedVariant(TypedDict):
    """An image of which variants that were asked for could not be made, and why."""

    image_id: str
    """Image that this is about."""
    url: str
    """Address that the image was taken from."""
    reason: str
    """Kind of the failure, one of a closed list of words (docs/reasons.md)."""
    detail: str | None
    """The same in words, for a person; null where there is no more to say."""
    retryable: bool
    """True where a retry of the job may bring it."""


class FieldProblem(TypedDict):
    """One rule that the request breaks, at one place in it."""

    pointer: str
    """JSON pointer (RFC 6901) to the value in the body, or the parameter's name with a slash before it."""
    detail: str
    """Rule that it breaks, in words that follow the value's name."""


class FlagCount(TypedDict):
    """Images that have a flag in common."""

    value: bool
    """Value that the images have in common."""
    count: int
    """Number of images."""


class Health(TypedDict):
    """`ok` when every part answers."""

    status: HealthStatus
    """`ok` when every part answers."""
    version: str
    """Version of Pixmill."""
    checks: dict[str, Check]
    """Result for each part, by its name; `progress` tells whether work that waits is begun."""
    waiting: dict[str, WaitingWork]
    """Kinds of work that wait, by the topic of their messages; others are absent."""


class HostOutcomes(TypedDict):
    """The outcomes of one host's images."""

    images: int
    """Number of images that these are of."""
    same_bytes: int
    """Number of images whose origin serves the same bytes."""
    same_picture: int
    """Number of images whose origin serves other bytes of the same picture."""
    different_picture: int
    """Number of images whose origin serves another picture."""
    gone: int
    """Number of images whose origin has nothing any more."""
    opted_out: int
    """Number of images whose owner permits their use no longer."""
    unreachable: int
    """Number of images of which nothing was learned, for a passing reason."""
    link_rot_percent: float | None
    """Per cent, of the images of which the answer tells, that are different or gone; null where it tells of none."""
    host: str
    """Host of the origins."""


class ImageAnchors(TypedDict):
    """Cursors of a list of images, so that a reader may begin anywhere.

    Where it is not complete there are more images, to which no cursor leads.
    """

    count: int
    """Number of images that cursors lead to."""
    every: int
    """Number of images from one cursor to the next."""
    complete: bool
    """True where these are all images of the list."""
    cursors: list[str | None]
    """Cursors of the pages of `every` images in their order; null for the first."""


class ImageDetail(TypedDict):
    """An image with its variants, its latest verdict and the latest analysis of each analyzer."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    project_id: str
    """Project that it belongs to."""
    crawl_job_id: str | None
    """Crawl job that brought it; null for an upload."""
    user_id: str
    """Account that owns it."""
    original_url: str | None
    """Address that it was taken from; null for an upload."""
    file_name: str | None
    """Name of the file at its origin; null where it is not known."""
    status: ImageStatus
    """State of the image."""
    mime_type: str | None
    """Media type, as its bytes tell; null until they are read."""
    file_size: int | None
    """Size of the original in bytes; null until it is stored."""
    width: int | None
    """Width in pixels, as displayed; null until it is decoded."""
    height: int | None
    """Height in pixels, as displayed; null until it is decoded."""
    format: str | None
    """Format as its bytes tell, such as `jpeg`; null until they are read."""
    sha256: str | None
    """SHA-256 of its bytes, in hexadecimal digits; null until they are read."""
    phash: str | None
    """Perceptual hash of 64 bits as 16 hexadecimal digits; null until it is decoded."""
    color: str | None
    """Mean colour of the picture as it shows, such as `#8a6f4c`; null where it was not kept."""
    label: str | None
    """Class of the image, for training; null where nobody gave one."""
    caption: str | None
    """Text about the image, for training; null where nobody gave one."""
    license: str | None
    """Licence that the image is offered under; null where none is known."""
    attribution: str | None
    """Person or place to credit for the image; null where none is known."""
    creator: str | None
    """Person who made it, as the file says; null where it does not."""
    source_page: str | None
    """Page that shows or describes it; null where none is known."""
    is_valid: bool
    """False once it failed, or broke a rule of its latest validation."""
    is_duplicate: bool
    """True while the project has another image of the same content or looks, which is kept for it."""
    duplicate_of: str | None
    """Original that is kept for it; null where it is none's duplicate."""
    failure_reason: str | None
    """Cause of the failure, for a person; null where nothing failed."""
    processed_path: str | None
    """Name of its thumbnail's object in the bucket; null until there is one."""
    rejected: bool
    """True while it is kept out of exports, and its content out of later crawls."""
    reject_reason: str | None
    """Why it is rejected, for a person; null where nobody said."""
    rejected_with: str | None
    """Rejected image that it equals or looks like; null where a person rejected it itself, or nobody did."""
    metadata: dict[str, Any]
    """Further facts from its source; any JSON, up to 8 KiB."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""
    thumbnail_url: str | None
    """Signed address of its thumbnail; null where it was not asked for or there is none."""
    content_url: str | None
    """Signed address of its bytes; null where it was not asked for or there are none."""
    variants: list[VariantRead]
    """Variants that are stored, by name."""
    variant_requests: list[VariantRequest]
    """Variants that were asked for by hand and are not there."""
    validation: ImageValidation | None
    """Latest verdict; null before the first."""
    analyses: list[AnalysisRead]
    """Latest completed analysis of each analyzer."""


class ImageFacets(TypedDict):
    """Numbers of images by what can be filtered by, the largest first.

    Each property counts the images that pass all filters but its own; `total` those that pass
    all. Named are the first 200 labels and 100 values of each other property; `other` has the
    images of the rest, by property. `reason` counts only what has failed.
    """

    total: int
    """Number of images that pass all filters."""
    label: list[LabelCount]
    """Images by label: the first 200."""
    format: list[LabelCount]
    """Images by format: the first 100."""
    license: list[LabelCount]
    """Images by licence: the first 100."""
    host: list[LabelCount]
    """Images by the host of the original address: the first 100."""
    status: list[LabelCount]
    """Images by state."""
    reason: list[LabelCount]
    """Failed images by the kind of failure: the first 100."""
    valid: list[FlagCount]
    """Images that are valid or not."""
    duplicate: list[FlagCount]
    """Images that are duplicates or not."""
    rejected: list[FlagCount]
    """Images that are rejected or not."""
    other: dict[str, int]
    """Number of the images that are in none of the named values, by property."""


class ImageFilter(TypedDict):
    """Filters that choose images of a project: those that pass all of them."""

    crawl_job_id: NotRequired[str | None]
    """Only images of this crawl job."""
    status: NotRequired[ImageStatus | None]
    """Only images in this state."""
    valid: NotRequired[bool | None]
    """Only valid images (true) or invalid ones (false); both without it."""
    duplicate: NotRequired[bool | None]
    """Only duplicates (true) or originals (false); both without it."""
    duplicate_of: NotRequired[str | None]
    """Only duplicates of this image."""
    rejected: NotRequired[bool | None]
    """Only rejected images (true) or the others (false); both without it."""
    label: NotRequired[str | None]
    """Only images of this class, written alike."""
    unlabelled: NotRequired[bool | None]
    """Only images without a label (true) or with one (false); both without it."""
    license: NotRequired[str | None]
    """Only images under this licence, written alike."""
    host: NotRequired[str | None]
    """Only images whose original address is on this host, in any case."""
    format: NotRequired[ImageFormat | None]
    """Only images of this format."""
    min_width: NotRequired[int | None]
    """Pixels of width that an image has at least."""
    max_width: NotRequired[int | None]
    """Pixels of width that an image has at most."""
    min_height: NotRequired[int | None]
    """Pixels of height that an image has at least."""
    max_height: NotRequired[int | None]
    """Pixels of height that an image has at most."""
    min_bytes: NotRequired[int | None]
    """Bytes that the file has at least."""
    max_bytes: NotRequired[int | None]
    """Bytes that the file has at most."""
    min_sharpness: NotRequired[float | None]
    """Least variance of the Laplacian; 0 is flat, and the sharper an image the greater it is."""
    max_sharpness: NotRequired[float | None]
    """Greatest variance of the Laplacian."""
    min_brightness: NotRequired[float | None]
    """Least mean brightness, from 0 (black) to 1 (white)."""
    max_brightness: NotRequired[float | None]
    """Greatest mean brightness, from 0 (black) to 1 (white)."""
    min_uniformity: NotRequired[float | None]
    """Least share of the commonest colour, 0 to 1."""
    max_uniformity: NotRequired[float | None]
    """Greatest share of the commonest colour, 0 to 1."""
    text: NotRequired[str | None]
    """Words that all stand in the label, caption, file name or original address; the first eight count, in any case, also as parts of words."""
    analyzer: NotRequired[str | None]
    """Only images with a completed analysis by it: `basic`, `gemini`, or `model:` and a model's id."""
    analysis_label: NotRequired[str | None]
    """Only images of which an analysis gave this label."""
    reason: NotRequired[str | None]
    """Only images that failed for this reason, with which `failure_reason` begins."""
    version_id: NotRequired[str | None]
    """Only images of this version of the dataset."""
    split: NotRequired[str | None]
    """Only images of this split of the version `version_id`, as it was frozen."""


class ImageMeasures(TypedDict):
    """Histograms of a project's images; `bytes` is the file's size, sides are pixels."""

    total: int
    """Number of images that pass the filters."""
    width: MeasureHistogram
    """Width in pixels."""
    height: MeasureHistogram
    """Height in pixels."""
    aspect_ratio: MeasureHistogram
    """Width / height."""
    bytes: MeasureHistogram
    """Size of the file in bytes."""
    sharpness: MeasureHistogram
    """Variance of the Laplacian; 0 is flat."""
    brightness: MeasureHistogram
    """Mean brightness, from 0 (black) to 1 (white)."""
    uniformity: MeasureHistogram
    """Share of the commonest colour, 0 to 1."""


class ImageRights(TypedDict):
    """The signals that the crawl of an image met, then those that its latest verification met."""

    items: list[RightsSignalRead]
    """Signals that the crawl met, then those of the latest verification."""


class ImageUpdate(TypedDict):
    """Changes to what people say about an image."""

    label: NotRequired[str | None]
    """Class for training; null removes it."""
    caption: NotRequired[str | None]
    """Text for training; null removes it."""
    rejected: NotRequired[bool]
    """True rejects the image, false takes that back."""
    reject_reason: NotRequired[str | None]
    """Why it is rejected, for a person; null removes it."""


class ImageValidation(TypedDict):
    """An image's latest verdict."""

    validation_job_id: str
    """Validation that judged it."""
    is_valid: bool
    """True where it broke no rule."""
    violations: list[Violation]
    """Rules that the image breaks; none of a valid one."""


class ImagesChanged(TypedDict):
    """The number of images that a call changed; with `remaining`, repeat it to change more."""

    changed: int
    """Number of images that were not so before."""
    remaining: bool
    """True where the same call changes more."""


class ImagesUpdate(TypedDict):
    """The same change to many images of a project: to those listed, or those that pass a filter."""

    image_ids: NotRequired[list[str] | None]
    """Images to change, up to 10,000. Either this or `filter` is needed."""
    filter: NotRequired[ImageFilter | None]
    """Filter of the images to change. Either this or `image_ids` is needed."""
    set: ImageUpdate
    """Changes to each of them."""


class InferenceError(TypedDict):
    """An error, in the words of the protocol."""

    error: str
    """Cause of the refusal, for a person."""


class InferenceInput(TypedDict):
    """A tensor that a model is given."""

    name: str
    """Input of the model, as its metadata names it."""
    shape: list[Dimension]
    """Size of each dimension, rows first. The product is the number of values."""
    datatype: Datatype
    """Type of the values, as the model's metadata has it."""
    parameters: NotRequired[dict[str, Any]]
    """`binary_data_size` is the number of its bytes behind the JSON, where they stand there."""
    data: NotRequired[list[Any] | None]
    """Values in row-major order, nested by the shape or flat. Left out where they stand as bytes behind the JSON."""


class InferenceOutput(TypedDict):
    """A tensor that a model gave."""

    name: str
    """Output of the model, as its metadata names it."""
    shape: list[Dimension]
    """Size of each dimension, rows first. The product is the number of values."""
    datatype: Datatype
    """Type of the values, as the model's metadata has it."""
    parameters: NotRequired[dict[str, Any]]
    """`binary_data_size` is the number of its bytes behind the JSON. Absent where it has `data`."""
    data: NotRequired[list[Any]]
    """Values in row-major order, flat."""


class InferenceRequest(TypedDict):
    """Tensors for a model, and which of its outputs are wanted."""

    id: NotRequired[str | None]
    """Name of the call, which its answer repeats; without one the answer has the id of the prediction in the log."""
    parameters: NotRequired[dict[str, Any]]
    """`binary_data_output: true` asks for all outputs as bytes behind the JSON."""
    inputs: list[InferenceInput]
    """A tensor for each input of the model."""
    outputs: NotRequired[list[RequestedOutput]]
    """Outputs that are wanted; all of them where it is left out or empty."""


class InferenceResponse(TypedDict):
    """Outputs of a model."""

    model_name: str
    """Model that ran."""
    model_version: str
    """Its version that ran: a whole number."""
    id: str
    """`id` of the request, or of the logged prediction where it had none."""
    outputs: list[InferenceOutput]
    """Outputs in the order in which they were asked for."""


class JobStatRead(TypedDict):
    """One attempt at one operation."""

    job_id: str
    """Piece of work, the same in all its attempts."""
    image_id: str | None
    """Image that it was about; null where it was about none or many, and once that is gone."""
    operation: str
    """Function that did it."""
    status: JobStatus
    """State of the work."""
    start_time: str | None
    """Time at which the attempt began."""
    end_time: str | None
    """Time at which it ended; null until then."""
    duration_ms: float | None
    """Milliseconds from one to the other; null until it has ended."""
    attempt: int
    """Number of the attempt, from 1."""
    error: str | None
    """Cause of a failure, for a person; null where nothing failed."""


class KeyUsage(TypedDict):
    """Use of one API key, or of none."""

    api_key_id: str | None
    """API key that was used; null for sessions."""
    name: str | None
    """Name of the key; null for sessions."""
    prefix: str | None
    """First characters of the key; null for sessions."""
    prediction_count: int
    """Number of predictions that were asked for."""
    failed_predictions: int
    """Number of those that failed."""
    avg_inference_time_ms: float | None
    """Mean time that the model took, in milliseconds; null where no prediction was timed."""
    last_used_on: str
    """Day in UTC of its latest prediction."""


class KeywordSearch(TypedDict):
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
    """`complete` after the last result, or why the search ended early; null while it goes on, and where `max_images` ended it."""
    detail: str | None
    """The same in words, for a person; null where there is no more to say."""
    retryable: bool
    """True where a retry of the job may bring it."""


class KeywordsSource(TypedDict):
    """Words for which engines are searched: `keywords`, or `categories` of them by label."""

    type: Literal["keywords"]
    """Kind of source: engines that know images by keywords."""
    keywords: NotRequired[list[str] | None]
    """Words to search for. Either these or `categories` are needed."""
    categories: NotRequired[dict[str, list[str]] | None]
    """Words to search for, by the class that their images get; up to 500 in all."""
    engines: NotRequired[list[EngineName] | None]
    """Engines to ask; all that are set up and can search by the `license` where it is left out."""
    license: NotRequired[LicenseChoice | None]
    """Only images under this licence, or one of this group."""


class LabelCount(TypedDict):
    """Images that have a text in common; null are those that have none."""

    value: str | None
    """Text that the images have in common; null for those without one."""
    count: int
    """Number of images."""


class ListedImage(TypedDict):
    """An image of a list."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    project_id: str
    """Project that it belongs to."""
    crawl_job_id: str | None
    """Crawl job that brought it; null for an upload."""
    user_id: str
    """Account that owns it."""
    original_url: str | None
    """Address that it was taken from; null for an upload."""
    file_name: str | None
    """Name of the file at its origin; null where it is not known."""
    status: ImageStatus
    """State of the image."""
    mime_type: str | None
    """Media type, as its bytes tell; null until they are read."""
    file_size: int | None
    """Size of the original in bytes; null until it is stored."""
    width: int | None
    """Width in pixels, as displayed; null until it is decoded."""
    height: int | None
    """Height in pixels, as displayed; null until it is decoded."""
    format: str | None
    """Format as its bytes tell, such as `jpeg`; null until they are read."""
    sha256: str | None
    """SHA-256 of its bytes, in hexadecimal digits; null until they are read."""
    phash: str | None
    """Perceptual hash of 64 bits as 16 hexadecimal digits; null until it is decoded."""
    color: str | None
    """Mean colour of the picture as it shows, such as `#8a6f4c`; null where it was not kept."""
    label: str | None
    """Class of the image, for training; null where nobody gave one."""
    caption: str | None
    """Text about the image, for training; null where nobody gave one."""
    license: str | None
    """Licence that the image is offered under; null where none is known."""
    attribution: str | None
    """Person or place to credit for the image; null where none is known."""
    creator: str | None
    """Person who made it, as the file says; null where it does not."""
    source_page: str | None
    """Page that shows or describes it; null where none is known."""
    is_valid: bool
    """False once it failed, or broke a rule of its latest validation."""
    is_duplicate: bool
    """True while the project has another image of the same content or looks, which is kept for it."""
    duplicate_of: str | None
    """Original that is kept for it; null where it is none's duplicate."""
    failure_reason: str | None
    """Cause of the failure, for a person; null where nothing failed."""
    processed_path: str | None
    """Name of its thumbnail's object in the bucket; null until there is one."""
    rejected: bool
    """True while it is kept out of exports, and its content out of later crawls."""
    reject_reason: str | None
    """Why it is rejected, for a person; null where nobody said."""
    rejected_with: str | None
    """Rejected image that it equals or looks like; null where a person rejected it itself, or nobody did."""
    metadata: dict[str, Any]
    """Further facts from its source; any JSON, up to 8 KiB."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""
    thumbnail_url: str | None
    """Signed address of its thumbnail; null where it was not asked for or there is none."""


class Live(TypedDict):
    """A sign that the server runs."""

    live: bool
    """True."""


class ManifestColumns(TypedDict):
    """The names of a manifest's columns; those left out are found by their usual names.

    A field that is null has no column, also where there is one of a usual name.
    """

    url: NotRequired[str | None]
    """Column with the address of the image."""
    label: NotRequired[str | None]
    """Column with its class."""
    caption: NotRequired[str | None]
    """Column with a text about it."""
    license: NotRequired[str | None]
    """Column with its licence."""
    attribution: NotRequired[str | None]
    """Column with whom to credit."""
    sha256: NotRequired[str | None]
    """Column with the SHA-256 of its bytes."""
    phash: NotRequired[str | None]
    """Column with its perceptual hash; needs the option `phash_distance`."""


class ManifestCreate(TypedDict):
    """A manifest to be uploaded, and the crawl job that its arrival starts."""

    name: str
    """Name of the crawl job that its arrival starts."""
    file_name: str
    """Name of the file, whose ending tells its kind where the content does not."""
    size: int
    """Size of the file in bytes, exactly."""
    columns: NotRequired[ManifestColumns]
    """Names of the table's columns, where they are not the usual ones."""
    options: NotRequired[CrawlOptions]
    """Ways in which images are chosen and treated."""


class ManifestSource(TypedDict):
    """A table of addresses in a bucket: csv, tsv, jsonl, txt or parquet, perhaps packed (gz, zst).

    Columns are named in `columns` or one by one, each in one of the two ways.
    """

    type: Literal["manifest"]
    """Kind of source: a table in a bucket."""
    uri: str
    """Object in a bucket, as `gs://bucket/object`."""
    columns: NotRequired[ManifestColumns]
    """Names of the table's columns, where they are not the usual ones."""
    url_column: NotRequired[str | None]
    """Column with the address of the image; the same as `columns.url`."""
    label_column: NotRequired[str | None]
    """Column with its class; the same as `columns.label`."""
    caption_column: NotRequired[str | None]
    """Column with a text about it; the same as `columns.caption`."""
    license_column: NotRequired[str | None]
    """Column with its licence; the same as `columns.license`."""
    sha256_column: NotRequired[str | None]
    """Column with the SHA-256 of its bytes; the same as `columns.sha256`."""


class ManifestUpload(TypedDict):
    """The address to PUT the file to, with these headers and its exact size."""

    crawl_job_id: str
    """Crawl job that waits for the file."""
    upload_url: str
    """Signed address to PUT the file to; whoever has it may do so."""
    method: Literal["PUT"]
    """HTTP method to send the file with."""
    headers: dict[str, str]
    """Headers that the request must carry, just as they are."""
    expires_at: str
    """Time until which `upload_url` works."""


class MeasureHistogram(TypedDict):
    """Numbers of images by a measure: `counts[k]` from `edges[k]` to below `edges[k + 1]`.

    The edges depend on `bins` alone. What lies outside of them is in the first or the last bar, as
    `min` and `max` tell; `nulls` images lack the measure.
    """

    scale: HistogramScale
    """Scale on which the edges are even."""
    edges: list[float]
    """Bounds of the bars, one more than there are bars."""
    counts: list[int]
    """Number of images in each bar."""
    min: float | None
    """Least value; null where no image has the measure."""
    max: float | None
    """Greatest value; null where no image has the measure."""
    count: int
    """Number of images that have the measure."""
    nulls: int
    """Number of images that lack the measure."""


class MissingImage(TypedDict):
    """An image that a version holds and that is deleted by now."""

    image_id: str
    """Image that this is about."""
    sha256: str
    """SHA-256 of the image's bytes, in hexadecimal digits."""


class ModelCreate(TypedDict):
    """A model version whose file the caller wants to send."""

    name: str
    """Name of the model, which its versions share. It becomes part of addresses."""
    model_type: ModelType
    """Kind of program that the model was made with."""
    description: NotRequired[str | None]
    """Free text about it."""
    version: NotRequired[int | None]
    """Number of the version, not taken yet; the next one where it is left out."""
    version_id: NotRequired[str | None]
    """Version of the dataset that it was trained on."""
    input_schema: NotRequired[list[TensorSchema] | None]
    """Tensors that it takes; found out from the file where it is left out."""
    output_schema: NotRequired[list[TensorSchema] | None]
    """Tensors that it gives; found out from the file where it is left out."""
    metadata: NotRequired[ModelMetadata]
    """Facts about it; `labels` and `preprocessing` are used."""
    file_name: str
    """Name of the file with its ending, as the caller has it."""
    file_size: int
    """Size of the file in bytes, exactly."""
    sha256: NotRequired[str | None]
    """SHA-256 of the file's bytes, in hexadecimal digits, to be compared."""


class ModelCreated(TypedDict):
    """A new version, and where and how to send its file; its arrival does the rest."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    user_id: str
    """Account that owns it."""
    name: str
    """Name of the model, which its versions share."""
    description: str | None
    """Free text about it; null where nobody wrote one."""
    model_type: ModelType
    """Kind of program that the model was made with."""
    version: int
    """Number of the version, from 1."""
    version_id: str | None
    """Version of the dataset that it was trained on, which may be deleted by now; null where none was named."""
    runtime: Runtime | None
    """What runs it; null until its file was looked into."""
    file_name: str | None
    """Name of the file at its origin; null where it is not known."""
    file_path: str
    """Name of its file's object in the bucket."""
    file_size: int | None
    """Size of the file in bytes; null where it is not known yet."""
    sha256: str | None
    """SHA-256 of the file, in hexadecimal digits; null where it is not known yet."""
    status: ModelStatus
    """State of the version."""
    error: str | None
    """Why it was rejected, for a person; null otherwise."""
    warnings: list[str]
    """What in the file is not as it is served, for a person."""
    input_schema: list[ModelTensor] | None
    """Tensors that it takes; null until they are known."""
    output_schema: list[ModelTensor] | None
    """Tensors that it gives; null until they are known."""
    metadata: dict[str, Any]
    """Facts about it, as its owner gave them."""
    aliases: list[str]
    """Aliases that stand for this version."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""
    upload_url: str
    """Signed address to PUT the file to; whoever has it may do so."""
    method: Literal["PUT"]
    """HTTP method to send the file with."""
    headers: dict[str, str]
    """Headers that the request must carry, just as they are."""
    expires_at: str
    """Time until which `upload_url` works."""


class ModelDescription(TypedDict):
    """A model version with its tensors."""

    name: str
    """Name of the model."""
    versions: list[str]
    """Versions that can be asked, as texts, lowest first."""
    platform: str
    """What runs it, such as `onnxruntime_onnx`."""
    inputs: list[Tensor]
    """Tensors that it takes."""
    outputs: list[Tensor]
    """Tensors that it gives."""


class ModelMetadata(TypedDict):
    """Facts about a model: two that are used, and any others."""

    labels: NotRequired[list[str] | None]
    """Classes in the order of the model's scores."""
    preprocessing: NotRequired[Preprocessing | None]
    """Way from an image to the model's input."""


class ModelRead(TypedDict):
    """A version of a model."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    user_id: str
    """Account that owns it."""
    name: str
    """Name of the model, which its versions share."""
    description: str | None
    """Free text about it; null where nobody wrote one."""
    model_type: ModelType
    """Kind of program that the model was made with."""
    version: int
    """Number of the version, from 1."""
    version_id: str | None
    """Version of the dataset that it was trained on, which may be deleted by now; null where none was named."""
    runtime: Runtime | None
    """What runs it; null until its file was looked into."""
    file_name: str | None
    """Name of the file at its origin; null where it is not known."""
    file_path: str
    """Name of its file's object in the bucket."""
    file_size: int | None
    """Size of the file in bytes; null where it is not known yet."""
    sha256: str | None
    """SHA-256 of the file, in hexadecimal digits; null where it is not known yet."""
    status: ModelStatus
    """State of the version."""
    error: str | None
    """Why it was rejected, for a person; null otherwise."""
    warnings: list[str]
    """What in the file is not as it is served, for a person."""
    input_schema: list[ModelTensor] | None
    """Tensors that it takes; null until they are known."""
    output_schema: list[ModelTensor] | None
    """Tensors that it gives; null until they are known."""
    metadata: dict[str, Any]
    """Facts about it, as its owner gave them."""
    aliases: list[str]
    """Aliases that stand for this version."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""


class ModelReady(TypedDict):
    """A sign that a model can predict."""

    name: str
    """Name of the model."""
    ready: bool
    """True where it can predict."""


class ModelStatistics(TypedDict):
    """Runs of a version: how many, how long they took and how they failed.

    Percentiles are read from a histogram and may be off by 9 %; the drift may be some minutes
    behind.
    """

    model_id: str
    """Version of a model that this is about."""
    name: str
    """Name of the model."""
    version: int
    """Number of its version."""
    status: str
    """State of the version."""
    total_predictions: int
    """Number of predictions that were asked for."""
    failed_predictions: int
    """Number of those that failed."""
    pending_predictions: int
    """Number of those that have not ended."""
    avg_inference_time_ms: float | None
    """Mean time that the model took, in milliseconds; null where no prediction was timed."""
    p50_inference_time_ms: float | None
    """Milliseconds that half of the predictions did not exceed; null where none was timed."""
    p95_inference_time_ms: float | None
    """Milliseconds that 95 of 100 predictions did not exceed; null where none was timed."""
    p99_inference_time_ms: float | None
    """Milliseconds that 99 of 100 predictions did not exceed; null where none was timed."""
    failures: dict[str, int]
    """Number of failed predictions by kind."""
    last_used_on: str | None
    """Day in UTC of the latest prediction; null where there is none."""
    drift: Drift | None
    """Difference of its inputs from those that it began with; null until it is two weeks old and has enough of them."""
    created_at: str
    """Time at which the version was registered, in UTC."""


class ModelTensor(TypedDict):
    """A tensor as the model's file has it; answers have its columns in the order of the classes."""

    name: str
    """Name that requests and answers have it under."""
    datatype: Datatype
    """Type of its values."""
    shape: list[int]
    """Size of each dimension; -1 stands for any."""
    labels: NotRequired[list[str] | None]
    """Classes that its columns are about, in their order; null where there are none."""
    quantization: NotRequired[Quantization | None]
    """Real numbers that its integers stand for; absent where they stand for themselves."""
    columns: NotRequired[list[int] | None]
    """Column of each class in the model's own output, where they are in another order; absent otherwise."""


class ModelUpdate(TypedDict):
    """Changes of a version; its file never does."""

    description: NotRequired[str | None]
    """Free text about it; null removes it."""
    status: NotRequired[NewModelStatus]
    """New state; what is archived stays so."""
    metadata: NotRequired[ModelMetadata]
    """Facts about it, in the place of those that it has."""


class MonthOutcomes(TypedDict):
    """The outcomes of the images that were taken in one month, such as `2026-01`."""

    images: int
    """Number of images that these are of."""
    same_bytes: int
    """Number of images whose origin serves the same bytes."""
    same_picture: int
    """Number of images whose origin serves other bytes of the same picture."""
    different_picture: int
    """Number of images whose origin serves another picture."""
    gone: int
    """Number of images whose origin has nothing any more."""
    opted_out: int
    """Number of images whose owner permits their use no longer."""
    unreachable: int
    """Number of images of which nothing was learned, for a passing reason."""
    link_rot_percent: float | None
    """Per cent, of the images of which the answer tells, that are different or gone; null where it tells of none."""
    month: str
    """Month in which they were taken, such as `2026-01`."""


class OpenSessionRead(TypedDict):
    """A session that has not ended, by the sign-in that it began with."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    ip_address: str | None
    """Network address that asked for its tokens last; null where it is not known."""
    user_agent: str | None
    """Program that asked for its tokens last; null where it did not say."""
    last_used_at: str
    """Time of its sign-in or of its last refresh, which is due every hour of use."""
    expires_at: str
    """Time at which it ends unless it is used before."""
    is_current: bool
    """True for the session that asks."""


class OtherHostsOutcomes(TypedDict):
    """The outcomes of the hosts that are not named."""

    images: int
    """Number of images that these are of."""
    same_bytes: int
    """Number of images whose origin serves the same bytes."""
    same_picture: int
    """Number of images whose origin serves other bytes of the same picture."""
    different_picture: int
    """Number of images whose origin serves another picture."""
    gone: int
    """Number of images whose origin has nothing any more."""
    opted_out: int
    """Number of images whose owner permits their use no longer."""
    unreachable: int
    """Number of images of which nothing was learned, for a passing reason."""
    link_rot_percent: float | None
    """Per cent, of the images of which the answer tells, that are different or gone; null where it tells of none."""
    hosts: int
    """Number of hosts that are not named."""


class OutcomeCounts(TypedDict):
    """Numbers of images by outcome."""

    images: int
    """Number of images that these are of."""
    same_bytes: int
    """Number of images whose origin serves the same bytes."""
    same_picture: int
    """Number of images whose origin serves other bytes of the same picture."""
    different_picture: int
    """Number of images whose origin serves another picture."""
    gone: int
    """Number of images whose origin has nothing any more."""
    opted_out: int
    """Number of images whose owner permits their use no longer."""
    unreachable: int
    """Number of images of which nothing was learned, for a passing reason."""
    link_rot_percent: float | None
    """Per cent, of the images of which the answer tells, that are different or gone; null where it tells of none."""


class PagesSource(TypedDict):
    """Web pages whose images are wanted.

    `include` and `exclude` are patterns as in robots.txt: `*` stands for any characters, `$` at the
    end for the end, and the rest for itself. One that begins with `/` is compared with the
    beginning of an address's path and query, any other with that of the whole address.
    """

    type: Literal["pages"]
    """Kind of source: web pages."""
    pages: list[str]
    """Addresses of pages, which are always read."""
    max_depth: NotRequired[int]
    """Links to follow from a listed page; 0 reads only that."""
    same_host: NotRequired[bool]
    """Whether only pages on the host of the listed page are read; images are taken from any."""
    sitemap: NotRequired[bool]
    """Whether the sitemaps of the pages' sites are read too, with the pages and images in them: those that a robots.txt names, and `/sitemap.xml`."""
    include: NotRequired[list[str]]
    """Patterns as in robots.txt, one of which the address of a further page must fit, if there are any."""
    exclude: NotRequired[list[str]]
    """Patterns as in robots.txt; pages and images that fit one are left out."""
    label: NotRequired[str | None]
    """Class that every image gets."""
    referer: NotRequired[RefererPolicy]
    """Whether images are asked for with the address of their page, as browsers do (to other sites its origin alone, and what the page wishes by a Referrer-Policy), or without."""


class PredictionCreate(TypedDict):
    """Inputs of a prediction: tensors by name, or images."""

    inputs: NotRequired[dict[str, Any] | None]
    """Values by the name of the input, nested as its shape. Either this or `image_ids` is needed."""
    image_ids: NotRequired[list[str] | None]
    """Images to run the model on. Either this or `inputs` is needed."""
    version_id: NotRequired[str | None]
    """Version of a dataset that the inputs are from; images must be in it."""


class PredictionDetail(TypedDict):
    """One call, with addresses of inputs and outputs that are too large for it."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    model_id: str
    """Version of a model that ran."""
    version_id: str | None
    """Version of a dataset that was named for it, which may be deleted by now; null where none was."""
    user_id: str
    """Account that asked."""
    input_data: Any
    """Inputs as they were sent, or a summary of large ones."""
    output_data: Any
    """Outputs by name, or a summary of large ones; null until there are any."""
    batch_size: int | None
    """Number of rows or images; null where it could not be told."""
    inference_time_ms: float | None
    """Milliseconds that the model took and nothing else; null where it did not run."""
    status: PredictionStatus
    """State of the prediction."""
    error_code: str | None
    """Kind of the failure in a word that can be counted; null where nothing failed."""
    error_message: str | None
    """Why it failed, for a person; null where it did not."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    input_url: str | None
    """Signed address of inputs that are too large for the answer, for a short time; null where `input_data` holds them."""
    output_url: str | None
    """Signed address of outputs that are too large for the answer, for a short time; null where `output_data` holds them."""


class PredictionRead(TypedDict):
    """One call of a model. What is large is summarised here and stored in the bucket."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    model_id: str
    """Version of a model that ran."""
    version_id: str | None
    """Version of a dataset that was named for it, which may be deleted by now; null where none was."""
    user_id: str
    """Account that asked."""
    input_data: Any
    """Inputs as they were sent, or a summary of large ones."""
    output_data: Any
    """Outputs by name, or a summary of large ones; null until there are any."""
    batch_size: int | None
    """Number of rows or images; null where it could not be told."""
    inference_time_ms: float | None
    """Milliseconds that the model took and nothing else; null where it did not run."""
    status: PredictionStatus
    """State of the prediction."""
    error_code: str | None
    """Kind of the failure in a word that can be counted; null where nothing failed."""
    error_message: str | None
    """Why it failed, for a person; null where it did not."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""


class Preprocessing(TypedDict):
    """The way from an image to the model's input.

    A pixel from 0 to 255 becomes (pixel × scale - mean) / std.
    """

    width: NotRequired[int | None]
    """Width in pixels; follows from the model's input where it is left out."""
    height: NotRequired[int | None]
    """Height in pixels; follows from the model's input where it is left out."""
    layout: NotRequired[TensorLayout | None]
    """Order of the dimensions; follows from the model's input where it is left out."""
    color: NotRequired[ColorOrder | None]
    """Channels and their order; follows from the model's input where it is left out."""
    fit: NotRequired[Fit]
    """Way in which a picture is fitted to the size."""
    resample: NotRequired[Resampling]
    """Filter for changing the size."""
    invert: NotRequired[bool]
    """Whether a pixel becomes 255 - pixel first."""
    scale: NotRequired[float | None]
    """Factor of each pixel, before `mean` and `std`."""
    mean: NotRequired[list[float] | None]
    """Value that is taken off, for all channels or for each."""
    std: NotRequired[list[float] | None]
    """Value that is divided by, for all channels or for each; not 0."""


class PreviewCandidateRead(TypedDict):
    """An image that a crawl would ask for."""

    url: str
    """Address of the image."""
    source_page: str | None
    """Page that showed the image; null where it came from none."""
    label: str | None
    """Class of the image, for training; null where nobody gave one."""
    caption: str | None
    """Text about the image, for training; null where nobody gave one."""
    license: str | None
    """Licence that the image is offered under; null where none is known."""
    attribution: str | None
    """Person or place to credit for the image; null where none is known."""
    engine: EngineName | None
    """Engine that found it; null where it came from no search."""
    keyword: str | None
    """Words that it was found for; null where it came from no search."""
    width: int | None
    """Width in pixels: of the picture that was fetched, or as the engine says; null where neither is known."""
    height: int | None
    """Height in pixels, known as the width is."""
    format: ImageFormat | None
    """Format of the picture that was fetched; null where it was not."""
    thumbnail: str | None
    """Picture of at most 160 pixels on a side, as a `data:` address of WebP; null where there is none to show."""
    reason: str | None
    """Reason why a crawl would not take it, as far as can be seen now; null where it would."""
    detail: str | None
    """Sentence about the reason, or about why there is no picture; null where there is one."""


class PreviewPageRead(TypedDict):
    """A listed page, read once."""

    url: str
    """Address of the page, after redirects."""
    title: str | None
    """Title of the page; null where it has none or was not read."""
    images: int
    """Number of images that it shows or links to."""
    links: int
    """Number of other pages that it leads to."""
    further_pages: int
    """Number of these that a crawl would read next, by the depth and patterns of the source."""
    reason: str | None
    """Reason why it was not read, or not wholly; null where it was."""
    detail: str | None
    """Sentence about the reason, for a person; null where it was read."""


class PreviewSearchRead(TypedDict):
    """Answer of an engine to a keyword."""

    keyword: str
    """Words that it was asked for."""
    engine: EngineName
    """Engine that was asked."""
    found: int
    """Number of results on its first page."""
    has_more: bool
    """Whether it has further pages."""
    reason: str | None
    """Reason why it gave no results; null where it answered."""
    detail: str | None
    """Sentence about the reason, for a person; null where it answered."""


class Problem(TypedDict):
    """RFC 9457 problem details."""

    type: NotRequired[str]
    """`about:blank`: the status says what kind of problem it is."""
    title: str
    """The status in words."""
    status: int
    """HTTP status of the answer."""
    detail: str
    """What is wrong and what to do, for a person."""
    instance: str
    """Id of the request, which logs have too."""
    errors: NotRequired[list[FieldProblem] | None]
    """Rules that the request breaks, the first 100; with 422 only."""


class ProfileRead(TypedDict):
    """A person's own profile."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    email: str
    """E-mail address to sign in with."""
    full_name: str | None
    """Name to be shown; null where there is none."""
    role: Role
    """Role in the installation."""
    is_active: bool
    """False while the account is locked out."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""


class ProfileUpdate(TypedDict):
    """Changes to one's own profile; a new e-mail or password needs the current password."""

    email: NotRequired[str]
    """New e-mail address."""
    full_name: NotRequired[str | None]
    """Name to be shown; null removes it."""
    password: NotRequired[str]
    """New password, of 8 to 128 characters."""
    current_password: NotRequired[str]
    """Password of now, without which neither the e-mail address nor the password is changed."""


class ProjectCreate(TypedDict):
    """A new project."""

    name: str
    """Name for people, of one line; it need not be unique."""
    description: NotRequired[str | None]
    """Free text about it."""


class ProjectDetail(TypedDict):
    """A project with its latest 50 crawl jobs."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    user_id: str
    """Account that owns it."""
    name: str
    """Name that its owner gave it."""
    description: str | None
    """Free text about it; null where nobody wrote one."""
    status: ProjectStatus
    """State of the project."""
    image_count: int
    """Number of originals, and of copies that were to be kept."""
    duplicate_count: int
    """Number of images that duplicate these."""
    rejected_count: int
    """Number of images that were rejected."""
    crawl_job_count: int
    """Number of its crawl jobs."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""
    crawl_jobs: list[CrawlJobRead]
    """Its latest 50 crawl jobs, newest first."""


class ProjectRead(TypedDict):
    """A project with its counts: every image is counted once, in one of three numbers."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    user_id: str
    """Account that owns it."""
    name: str
    """Name that its owner gave it."""
    description: str | None
    """Free text about it; null where nobody wrote one."""
    status: ProjectStatus
    """State of the project."""
    image_count: int
    """Number of originals, and of copies that were to be kept."""
    duplicate_count: int
    """Number of images that duplicate these."""
    rejected_count: int
    """Number of images that were rejected."""
    crawl_job_count: int
    """Number of its crawl jobs."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""


class ProjectUpdate(TypedDict):
    """Changes to a project."""

    name: NotRequired[str]
    """New name."""
    description: NotRequired[str | None]
    """Free text about it; null removes it."""
    status: NotRequired[ProjectStatus]
    """`archived` stops crawls and uploads; `active` takes that back."""


class Quantization(TypedDict):
    """The real numbers that integers stand for: (integer - zero_point) × scale."""

    scale: float
    """Real number that a step of the integer stands for."""
    zero_point: int
    """Integer that stands for 0."""


class Ready(TypedDict):
    """A sign that the server can predict."""

    ready: bool
    """True where it can predict."""


class RequestedOutput(TypedDict):
    """An output that is wanted."""

    name: str
    """Output of the model, as its metadata names it."""
    parameters: NotRequired[dict[str, Any]]
    """`binary_data` says whether it is wanted as bytes."""


class Resize(TypedDict):
    """A size in pixels, how pictures are fitted to it, and how they are encoded.

    Pictures are RGB, or RGBA where the background is itself transparent.
    """

    width: int
    """Pixels of width."""
    height: int
    """Pixels of height."""
    mode: NotRequired[ResizeMode]
    """Way in which pictures are fitted to the size."""
    enlarge: NotRequired[bool]
    """Whether smaller pictures are made larger; if not, what they lack is filled."""
    background: NotRequired[str]
    """Color that is filled in, and that transparent parts are laid on: `#rrggbb` or `#rrggbbaa`."""
    format: NotRequired[VariantFormat]
    """Format of the files."""
    quality: NotRequired[int | None]
    """Quality of the encoder, 1 to 100; null for 85 (jpeg), 80 (webp) or 50 (avif). PNG has none."""


class RightsRecheck(TypedDict):
    """The verification job that asks for the rights of an export's images again.

    Its numbers are there once it has ended. Images that have `opted_out` are left out of the
    export; those of which nothing was learned (`unreachable`), whose origin has nothing any more
    (`gone`) or something else (`different_picture`), or that have none (`without_origin`) are in
    it under the terms on which they were taken.
    """

    verification_job_id: str
    """Verification job that this is about."""
    status: JobStatus
    """State of the work."""
    total_images: int
    """Number of images whose origin is asked; it and the numbers below are there once the job has ended."""
    opted_out: int
    """Number of images whose owner permits their use no longer."""
    unreachable: int
    """Number of images of which nothing was learned, for a passing reason."""
    gone: int
    """Number of images whose origin has nothing any more."""
    different_picture: int
    """Number of images whose origin serves another picture."""
    without_origin: int
    """Number of images that were uploaded, so that there is nobody to ask."""


class RightsSignalRead(TypedDict):
    """One signal about the use of an image, and what was decided by it."""

    source: SignalSource
    """Kind of signal."""
    value: str
    """Its words."""
    allows: bool | None
    """Whether it allows training; null where it is about other things."""
    decision: RightsDecision
    """What was decided by it."""
    address: str
    """Address at which it stands."""
    evidence_hash: str | None
    """SHA-256 of the site's file that said so, in hexadecimal digits; null where no such file did."""
    verification_job_id: str | None
    """Verification that met it; null for what the crawl met that took the image."""
    fetched_at: str
    """Time at which it was met, in UTC."""


class Rules(TypedDict):
    """The rules that make an image valid; a rule that is absent or null is not checked."""

    min_width: NotRequired[int | None]
    """Pixels of width that an image has at least."""
    min_height: NotRequired[int | None]
    """Pixels of height that an image has at least."""
    max_width: NotRequired[int | None]
    """Pixels of width that an image has at most."""
    max_height: NotRequired[int | None]
    """Pixels of height that an image has at most."""
    min_bytes: NotRequired[int | None]
    """Bytes that the file has at least."""
    max_bytes: NotRequired[int | None]
    """Bytes that the file has at most."""
    allowed_formats: NotRequired[list[str] | None]
    """Formats that are valid, such as `jpeg`."""
    min_aspect_ratio: NotRequired[float | None]
    """Least width / height."""
    max_aspect_ratio: NotRequired[float | None]
    """Greatest width / height."""
    min_sharpness: NotRequired[float | None]
    """Least variance of the Laplacian; 0 is flat, and the sharper an image the greater it is."""
    min_brightness: NotRequired[float | None]
    """Least mean brightness, from 0 (black) to 1 (white)."""
    max_brightness: NotRequired[float | None]
    """Greatest mean brightness, from 0 (black) to 1 (white)."""
    max_uniformity: NotRequired[float | None]
    """Greatest share of the commonest colour, 0 to 1."""
    allow_animated: NotRequired[bool]
    """Whether images with more than one frame are valid."""
    allow_grayscale: NotRequired[bool]
    """Whether images without colour channels are valid."""
    require_license: NotRequired[bool]
    """Whether images without a known licence are invalid."""
    near_duplicate_distance: NotRequired[int | None]
    """Differing bits of 64 between perceptual hashes, up to which the later of two images is invalid."""


class ScheduleRead(TypedDict):
    """A crawl that repeats.

    A due time brings no run while the one before is at work, and while the project is archived.
    Where the account has too many jobs at work the run waits. Of times that passed while the system
    stood still one run is made.
    """

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    project_id: str
    """Project that it belongs to."""
    name: str
    """Name of the crawl job that began it, which its runs have too."""
    source: dict[str, Any]
    """Source of the images as it was given; of a list of addresses the first ten, with their number in `url_count`."""
    options: dict[str, Any]
    """Options of the crawl, those that were left out included."""
    next_run_at: str
    """Time at which the next run is due."""
    last_run_at: str | None
    """Due time of the latest run; null before the first one."""
    last_crawl_job_id: str | None
    """Crawl job of the latest run, which may be deleted by now; null before the first one."""
    missed_runs: int
    """Number of due times that brought no run."""
    error: str | None
    """Why the latest due time brought no run, for a person; null where it did."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""


class Server(TypedDict):
    """The server and its extensions."""

    name: str
    """`pixmill`."""
    version: str
    """Version of Pixmill."""
    extensions: list[str]
    """Extensions of the protocol that are served."""


class SessionCreate(TypedDict):
    """Sign in."""

    email: str
    """E-mail address; upper and lower case are the same."""
    password: str
    """The account's password."""


class SessionRead(TypedDict):
    """A fresh pair of tokens."""

    access_token: str
    """Token for `Authorization: Bearer` (`pxa_…`)."""
    refresh_token: str
    """Token that is traded once for the next pair (`pxr_…`)."""
    token_type: Literal["Bearer"]
    """Scheme of `Authorization` that the access token is for."""
    expires_in: int
    """Seconds that the access token works."""


class SessionRefresh(TypedDict):
    """Trade a refresh token for a new pair; it works once."""

    refresh_token: str
    """Refresh token of the latest pair (`pxr_…`)."""


class SignInCodeRead(TypedDict):
    """A code, which is shown this once, and where it leads."""

    code: str
    """The code that signs a browser in."""
    expires_at: str
    """Time until which it works."""
    url: str
    """Address with the code, from the deployment's own on."""


class SimilarImage(TypedDict):
    """An image with its perceptual distance to the one that was asked for."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    project_id: str
    """Project that it belongs to."""
    crawl_job_id: str | None
    """Crawl job that brought it; null for an upload."""
    user_id: str
    """Account that owns it."""
    original_url: str | None
    """Address that it was taken from; null for an upload."""
    file_name: str | None
    """Name of the file at its origin; null where it is not known."""
    status: ImageStatus
    """State of the image."""
    mime_type: str | None
    """Media type, as its bytes tell; null until they are read."""
    file_size: int | None
    """Size of the original in bytes; null until it is stored."""
    width: int | None
    """Width in pixels, as displayed; null until it is decoded."""
    height: int | None
    """Height in pixels, as displayed; null until it is decoded."""
    format: str | None
    """Format as its bytes tell, such as `jpeg`; null until they are read."""
    sha256: str | None
    """SHA-256 of its bytes, in hexadecimal digits; null until they are read."""
    phash: str | None
    """Perceptual hash of 64 bits as 16 hexadecimal digits; null until it is decoded."""
    color: str | None
    """Mean colour of the picture as it shows, such as `#8a6f4c`; null where it was not kept."""
    label: str | None
    """Class of the image, for training; null where nobody gave one."""
    caption: str | None
    """Text about the image, for training; null where nobody gave one."""
    license: str | None
    """Licence that the image is offered under; null where none is known."""
    attribution: str | None
    """Person or place to credit for the image; null where none is known."""
    creator: str | None
    """Person who made it, as the file says; null where it does not."""
    source_page: str | None
    """Page that shows or describes it; null where none is known."""
    is_valid: bool
    """False once it failed, or broke a rule of its latest validation."""
    is_duplicate: bool
    """True while the project has another image of the same content or looks, which is kept for it."""
    duplicate_of: str | None
    """Original that is kept for it; null where it is none's duplicate."""
    failure_reason: str | None
    """Cause of the failure, for a person; null where nothing failed."""
    processed_path: str | None
    """Name of its thumbnail's object in the bucket; null until there is one."""
    rejected: bool
    """True while it is kept out of exports, and its content out of later crawls."""
    reject_reason: str | None
    """Why it is rejected, for a person; null where nobody said."""
    rejected_with: str | None
    """Rejected image that it equals or looks like; null where a person rejected it itself, or nobody did."""
    metadata: dict[str, Any]
    """Further facts from its source; any JSON, up to 8 KiB."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""
    distance: int
    """Differing bits of 64 between the two perceptual hashes."""


class SourcePreviewCreate(TypedDict):
    """A source to look at, as a crawl would be given it. A manifest has no preview here."""

    source: UrlsSource | PagesSource | KeywordsSource
    """Source to look at; `type` says which kind it is."""
    options: NotRequired[SourcePreviewOptions]
    """Options that the crawl would have."""


class SourcePreviewOptions(TypedDict):
    """The options of a crawl that a preview heeds."""

    respect_robots: NotRequired[bool]
    """Whether what a robots.txt forbids is left alone."""
    rights: NotRequired[RightsPolicy]
    """Policy about wishes of owners that concern use in AI."""


class SourcePreviewRead(TypedDict):
    """First images that a source would bring now. Nothing was stored."""

    candidates: list[PreviewCandidateRead]
    """First images in the order of a crawl, at most 12."""
    found: int
    """Number of images that were found in what was looked at; a crawl may find more."""
    searches: list[PreviewSearchRead]
    """Searches for the first 3 keywords; none for other sources."""
    pages: list[PreviewPageRead]
    """First 3 pages of the source; none for other sources."""
    left_out: int
    """Number of keywords, pages or addresses of the source that were not looked at."""


class Tensor(TypedDict):
    """An input or output; -1 in its shape stands for any size."""

    name: str
    """Name that requests and answers have it under."""
    datatype: str
    """Type of its values, such as `FP32`."""
    shape: list[int]
    """Size of each dimension; -1 stands for any."""


class TensorSchema(TypedDict):
    """A tensor that a model takes or gives; -1 in its shape stands for any size."""

    name: str
    """Name that requests and answers have it under."""
    datatype: Datatype
    """Type of its values."""
    shape: list[int]
    """Size of each dimension; -1 stands for any."""
    labels: NotRequired[list[str] | None]
    """Classes that its columns are about, in their order; null where there are none."""


class UploadCreate(TypedDict):
    """An image that the caller wants to send straight to the bucket."""

    file_name: str
    """Name of the file with its ending, as the caller has it."""
    content_type: str
    """Media type of the file; it must be an image's."""
    size: int
    """Size of the file in bytes, exactly; up to 100 MiB."""
    label: NotRequired[str | None]
    """Class of the image, for training."""
    caption: NotRequired[str | None]
    """Text about the image, for training."""
    license: NotRequired[str | None]
    """Licence that the image is offered under: a short name or an address."""
    attribution: NotRequired[str | None]
    """Person or place to credit for the image."""


class UploadRead(TypedDict):
    """The address to which the image is sent, and how; its arrival does the rest."""

    image_id: str
    """Image that it becomes; its `status` is `processing` until the file has come."""
    upload_url: str
    """Signed address to PUT the file to; whoever has it may do so."""
    method: Literal["PUT"]
    """HTTP method to send the file with."""
    headers: dict[str, str]
    """Headers that the request must carry, just as they are."""
    expires_at: str
    """Time until which `upload_url` works."""


class UrlEntry(TypedDict):
    """One image's address with what is known about it."""

    url: str
    """Address of the image. One that cannot be fetched fails by itself, as `bad_url`."""
    label: NotRequired[str | None]
    """Class of the image, for training."""
    caption: NotRequired[str | None]
    """Text about the image, for training."""
    license: NotRequired[str | None]
    """Licence that the image is offered under: a short name or an address."""
    attribution: NotRequired[str | None]
    """Person or place to credit for the image."""
    sha256: NotRequired[str | None]
    """SHA-256 of the bytes that are expected; others fail as `checksum_mismatch`."""
    phash: NotRequired[str | None]
    """Perceptual hash of the picture that is expected, 16 hexadecimal digits; needs the option `phash_distance`."""
    metadata: NotRequired[dict[str, Any] | None]
    """Further facts, which the image keeps; any JSON, up to 8 KiB."""


class UrlsSource(TypedDict):
    """Addresses of images, inline."""

    type: Literal["urls"]
    """Kind of source: a list of addresses."""
    urls: list[str | UrlEntry]
    """Addresses of images, or entries with what is known about them."""


class Usage(TypedDict):
    """Every day, also those on which nothing happened, newest first; and the same by API key."""

    items: list[DailyUsage]
    """Days, newest first, those without use included."""
    next_cursor: None
    """Null: there is one page."""
    keys: list[KeyUsage]
    """Predictions by API key, the most used first."""


class UserRegister(TypedDict):
    """A new account."""

    email: str
    """E-mail address; upper and lower case are the same."""
    password: str
    """8 to 128 characters of any kind, taken just as they are."""
    full_name: NotRequired[str | None]
    """Name to be shown."""


class ValidationJobCreate(TypedDict):
    """A new validation job."""

    name: str
    """Name for people, of one line; it need not be unique."""
    rules: Rules
    """Rules that the images are judged by."""


class ValidationJobRead(TypedDict):
    """A validation job; duplicates are judged too, and counted apart."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    crawl_job_id: str
    """Crawl job that this is about."""
    name: str
    """Name that its owner gave it."""
    status: JobStatus
    """State of the work."""
    progress: int
    """Per cent that are done, 0 to 100; 100 only once it has ended well."""
    total_images: int
    """Number of originals to judge."""
    validated_images: int
    """Number of originals that were judged."""
    invalid_images: int
    """Number of originals that break a rule."""
    duplicate_images: int
    """Number of duplicates that were judged."""
    invalid_duplicates: int
    """Number of duplicates that break a rule."""
    validation_rules: dict[str, Any]
    """Rules as they were sent."""
    error: str | None
    """Cause of a failure, for a person; null where nothing failed."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""


class ValidationPreviewCreate(TypedDict):
    """Rules to try on all stored images of a project, or on those that pass a filter."""

    rules: Rules
    """Rules to try."""
    filter: NotRequired[ImageFilter | None]
    """Filter of the images; all of the project where it is left out."""


class ValidationPreviewRead(TypedDict):
    """Numbers of images that the rules would find invalid now; nothing is written.

    `by_rule` has each rule that was sent; an image may break several. `examples` are the newest
    50 invalid images. `not_counted` names rules that a preview leaves out.
    """

    total: int
    """Number of images that the rules were tried on."""
    invalid: int
    """Number of these that break a rule."""
    by_rule: dict[str, int]
    """Number of images by the rule that they break; an image may break several."""
    not_counted: list[RuleName]
    """Rules that a preview leaves out."""
    examples: list[str]
    """The newest 50 invalid images."""


class ValidationResultRead(TypedDict):
    """The verdict on one image."""

    image_id: str
    """Image that this is about."""
    is_valid: bool
    """True where it breaks no rule."""
    violations: list[Violation]
    """Rules that the image breaks; none of a valid one."""


class Variant(TypedDict):
    """A variant: size in pixels, how to fit it, and how to encode it.

    `contain` and `cover` never enlarge: where the image is smaller than the box, `cover` gives the
    largest picture of the box's shape.
    """

    name: str
    """Name of the variant, part of addresses."""
    width: NotRequired[int | None]
    """Pixels of width of the box; null where the height alone decides."""
    height: NotRequired[int | None]
    """Pixels of height of the box; null where the width alone decides."""
    fit: NotRequired[Fit]
    """Way in which the image is fitted to the box."""
    format: NotRequired[VariantFormat]
    """Format of the file."""
    quality: NotRequired[int | None]
    """Quality of the encoder, 1 to 100; null for 85 (jpeg), 80 (webp) or 50 (avif). PNG has none."""
    watermark: NotRequired[Watermark | None]
    """Text to lay over it; null for none."""
    strip_metadata: NotRequired[bool]
    """Whether the file says nothing beside its pixels."""


class VariantRead(TypedDict):
    """A stored variant of an image."""

    name: str
    """Name of the variant, such as `thumbnail`."""
    spec: dict[str, Any]
    """Specification by which it is made: all fields of a variant but its name."""
    width: int
    """Width in pixels."""
    height: int
    """Height in pixels."""
    file_size: int
    """Size in bytes."""


class VariantRequest(TypedDict):
    """A variant that was asked for, not made yet or, with the reason, not to be made."""

    name: str
    """Name of the variant."""
    spec: dict[str, Any]
    """Specification by which it is made: all fields of a variant but its name."""
    status: VariantRequestStatus
    """Whether it is to be made yet."""
    failure_reason: str | None
    """Why it cannot be made, for a person; null while it is pending."""


class VariantsCreate(TypedDict):
    """Variants that the caller wants of an image."""

    variants: list[Variant]
    """Specifications of the variants, with different names."""


class VerificationJobCreate(TypedDict):
    """A new verification job, of all images of a project or of those that pass a filter."""

    name: NotRequired[str]
    """Name for people, of one line; it need not be unique."""
    max_distance: NotRequired[int | None]
    """Differing bits of 64 between perceptual hashes, up to which a picture is the same; left out it is that of the project's near duplicates."""
    filter: NotRequired[ImageFilter | None]
    """Filter of the images to ask for; all of the project where it is left out."""
    rights: NotRequired[RightsPolicy | None]
    """Policy about wishes that concern use in AI; null for that of the crawl that brought each image."""
    respect_robots: NotRequired[bool | None]
    """Whether robots.txt is heeded; null for what the crawl that brought each image did."""


class VerificationJobRead(TypedDict):
    """A verification job; at the end the six outcomes make `total_images`.

    Images without an origin (uploads) are counted apart. Until a job has ended, what the outcomes
    lack to the total has not been asked yet.
    """

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    project_id: str
    """Project that it belongs to."""
    name: str
    """Name that its owner gave it."""
    filter: dict[str, Any]
    """Filter that chose the images, empty for all of them."""
    max_distance: int
    """Differing bits of 64 between perceptual hashes, up to which a picture is the same."""
    rights: RightsPolicy | None
    """Policy about wishes that concern use in AI; null for that of the crawl that brought each image."""
    respect_robots: bool | None
    """Whether robots.txt is heeded; null for what the crawl that brought each image did."""
    status: JobStatus
    """State of the work."""
    progress: int
    """Per cent that are done, 0 to 100; 100 only once it has ended well."""
    total_images: int
    """Number of images with an origin to ask, as far as is known yet."""
    same_bytes: int
    """Number of images whose origin serves the same bytes."""
    same_picture: int
    """Number of images whose origin serves other bytes of the same picture."""
    different_picture: int
    """Number of images whose origin serves another picture."""
    gone: int
    """Number of images whose origin has nothing any more."""
    opted_out: int
    """Number of images whose owner permits their use no longer."""
    unreachable: int
    """Number of images of which nothing was learned, for a passing reason."""
    without_origin: int
    """Number of images that were uploaded, so that there is nobody to ask."""
    error: str | None
    """Cause of a failure, for a person; null where nothing failed."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""
    started_at: str | None
    """Time at which the work began; null until then."""
    completed_at: str | None
    """Time at which it reached its last state; null until then."""


class VerificationReport(TypedDict):
    """Link rot by host, by month and by age."""

    verification_job_id: str
    """Verification job that this is about."""
    status: JobStatus
    """State of the work."""
    waiting: int
    """Number of images without an outcome yet."""
    without_origin: int
    """Number of images that were uploaded, so that there is nobody to ask."""
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


class VerificationResultRead(TypedDict):
    """The outcome of one image."""

    image_id: str
    """Image that this is about."""
    url: str
    """Address that was asked."""
    host: str
    """Host of that address."""
    outcome: Outcome
    """What the origin serves now."""
    reason: str | None
    """Kind of the outcome, one of a closed list of words (docs/reasons.md); null where it serves the same."""
    detail: str | None
    """The same in words, for a person; null where there is no more to say."""
    http_status: int | None
    """Status of the last HTTP answer; null where none came."""
    redirected_to: str | None
    """Address that answered, where that is of another host; null otherwise."""
    sha256: str | None
    """SHA-256 of the bytes that are served now, in hexadecimal digits; null where there are none."""
    distance: int | None
    """Differing bits of 64 between the hashes of the two pictures; null where they were not compared."""
    checked_at: str
    """Time at which it was asked, in UTC."""


class VersionChange(TypedDict):
    """A content that another version holds otherwise, or not at all."""

    image_id: str
    """Image that this is about."""
    sha256: str
    """SHA-256 of the image's bytes, in hexadecimal digits."""
    change: Change
    """What became of the content from one version to the other."""
    before: VersionedImage | None
    """The image as the first version has it; null where that does not."""
    after: VersionedImage | None
    """The image as the second version has it; null where that does not."""


class VersionCreate(TypedDict):
    """A new version of a project's dataset."""

    splits: NotRequired[dict[str, Any] | None]
    """Share of the images by name of the split; they add up to 1. Null for none."""
    stratify: NotRequired[Stratification | None]
    """Makes each class have its share in every split, as far as its groups allow."""
    group_by: NotRequired[str | list[str] | None]
    """Columns by which images stay in one split where they agree: `host`, `source_page`, `label`, or `metadata.` and a name."""
    leak_distance: NotRequired[int]
    """Differing bits of 64 between perceptual hashes, up to which images stay in one split."""
    name: str
    """Name for people, of one line; it need not be unique."""
    filter: NotRequired[VersionFilter]
    """Filter of the images that it holds; without one all that are valid and duplicate none."""


class VersionDetail(TypedDict):
    """A version, and which of its images are deleted by now."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    project_id: str
    """Project that it belongs to."""
    name: str
    """Name that its owner gave it."""
    status: JobStatus
    """State of the work."""
    progress: int
    """Per cent that are done, 0 to 100; 100 only once it has ended well."""
    hash: str | None
    """Root of a Merkle tree of what it holds, SHA-256 in hexadecimal digits; null until it is completed."""
    image_count: int
    """Number of images that it holds."""
    splits: dict[str, int]
    """Number of images by split; empty where it has none."""
    filter: dict[str, Any]
    """Filter that chose the images, empty for all of them."""
    split_options: dict[str, Any]
    """Options of its splits as they were sent."""
    warnings: list[str]
    """What the dataset lacks, such as a class in one of its splits, for a person."""
    error: str | None
    """Cause of a failure, for a person; null where nothing failed."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""
    completed_at: str | None
    """Time at which it reached its last state; null until then."""
    missing_images: int
    """Number of its images that are deleted by now."""
    missing: list[MissingImage]
    """The first 100 of these."""


class VersionFilter(TypedDict):
    """The images of a project that a version holds: those that pass all filters.

    Valid ones that duplicate none, unless `valid` or `duplicate` say otherwise; never rejected
    ones.
    """

    crawl_job_id: NotRequired[str | None]
    """Only images of this crawl job."""
    status: NotRequired[ImageStatus | None]
    """Only images in this state."""
    valid: NotRequired[bool | None]
    """Only valid images (true) or invalid ones (false); both without it."""
    duplicate: NotRequired[bool | None]
    """Only duplicates (true) or originals (false); both without it."""
    duplicate_of: NotRequired[str | None]
    """Only duplicates of this image."""
    rejected: NotRequired[bool | None]
    """Only rejected images (true) or the others (false); both without it."""
    label: NotRequired[str | None]
    """Only images of this class, written alike."""
    unlabelled: NotRequired[bool | None]
    """Only images without a label (true) or with one (false); both without it."""
    license: NotRequired[str | None]
    """Only images under this licence, written alike."""
    host: NotRequired[str | None]
    """Only images whose original address is on this host, in any case."""
    format: NotRequired[ImageFormat | None]
    """Only images of this format."""
    min_width: NotRequired[int | None]
    """Pixels of width that an image has at least."""
    max_width: NotRequired[int | None]
    """Pixels of width that an image has at most."""
    min_height: NotRequired[int | None]
    """Pixels of height that an image has at least."""
    max_height: NotRequired[int | None]
    """Pixels of height that an image has at most."""
    min_bytes: NotRequired[int | None]
    """Bytes that the file has at least."""
    max_bytes: NotRequired[int | None]
    """Bytes that the file has at most."""
    min_sharpness: NotRequired[float | None]
    """Least variance of the Laplacian; 0 is flat, and the sharper an image the greater it is."""
    max_sharpness: NotRequired[float | None]
    """Greatest variance of the Laplacian."""
    min_brightness: NotRequired[float | None]
    """Least mean brightness, from 0 (black) to 1 (white)."""
    max_brightness: NotRequired[float | None]
    """Greatest mean brightness, from 0 (black) to 1 (white)."""
    min_uniformity: NotRequired[float | None]
    """Least share of the commonest colour, 0 to 1."""
    max_uniformity: NotRequired[float | None]
    """Greatest share of the commonest colour, 0 to 1."""
    text: NotRequired[str | None]
    """Words that all stand in the label, caption, file name or original address; the first eight count, in any case, also as parts of words."""
    analyzer: NotRequired[str | None]
    """Only images with a completed analysis by it: `basic`, `gemini`, or `model:` and a model's id."""
    analysis_label: NotRequired[str | None]
    """Only images of which an analysis gave this label."""
    split: NotRequired[str | None]
    """Only images of this one of the version's splits."""


class VersionRead(TypedDict):
    """A version of a dataset."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    project_id: str
    """Project that it belongs to."""
    name: str
    """Name that its owner gave it."""
    status: JobStatus
    """State of the work."""
    progress: int
    """Per cent that are done, 0 to 100; 100 only once it has ended well."""
    hash: str | None
    """Root of a Merkle tree of what it holds, SHA-256 in hexadecimal digits; null until it is completed."""
    image_count: int
    """Number of images that it holds."""
    splits: dict[str, int]
    """Number of images by split; empty where it has none."""
    filter: dict[str, Any]
    """Filter that chose the images, empty for all of them."""
    split_options: dict[str, Any]
    """Options of its splits as they were sent."""
    warnings: list[str]
    """What the dataset lacks, such as a class in one of its splits, for a person."""
    error: str | None
    """Cause of a failure, for a person; null where nothing failed."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""
    completed_at: str | None
    """Time at which it reached its last state; null until then."""


class VersionedImage(TypedDict):
    """An image as a version holds it."""

    label: str | None
    """Class of the image, for training; null where nobody gave one."""
    caption: str | None
    """Text about the image, for training; null where nobody gave one."""
    split: str | None
    """Split that the image is in; null where the version has none."""
    license: str | None
    """Licence that the image is offered under; null where none is known."""
    attribution: str | None
    """Person or place to credit for the image; null where none is known."""
    rights: str | None
    """SHA-256 of the signals that its crawl met, in hexadecimal digits; null where it met none."""


class Violation(TypedDict):
    """One rule that an image breaks: what the rule allows and what the image has."""

    rule: RuleName
    """Rule that is broken."""
    limit: Any
    """What the rule allows."""
    actual: Any
    """What the image has; null where it is not known."""


class WaitingWork(TypedDict):
    """One kind of work that waits for its turn."""

    seconds: float
    """Seconds that the oldest piece has waited."""
    stalled: bool
    """Whether none of it was begun for ten minutes."""


class Watermark(TypedDict):
    """Text laid over a variant; Latin script, one line."""

    text: str
    """Text of one line, in Latin script."""
    position: NotRequired[Position]
    """Place of the text."""
    opacity: NotRequired[float]
    """Opacity of the text: 1 hides what is beneath."""


class WebSessionCreate(TypedDict):
    """Sign a browser in: by `email` and `password`, or by a `code`."""

    email: NotRequired[str | None]
    """E-mail address, with the password."""
    password: NotRequired[str | None]
    """The account's password, with the e-mail address."""
    code: NotRequired[str | None]
    """Code that somebody who is signed in has asked for, instead of both."""


class WebSessionRead(TypedDict):
    """A browser's session, whose tokens are in cookies."""

    expires_in: int
    """Seconds until it is to be refreshed."""


class WebhookCreate(TypedDict):
    """A new webhook: an address, and the events that are to be posted there."""

    url: str
    """Address that events are posted to, on the public internet."""
    events: list[EventType]
    """Events that it hears of."""


class WebhookCreated(TypedDict):
    """A new webhook; `secret` is shown this once."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    url: str
    """Address that events are posted to."""
    events: list[str]
    """Events that it hears of."""
    is_active: bool
    """False while it is paused, by its owner or after failing for too long."""
    error: str | None
    """Why posts fail, for a person; null where they arrive."""
    failing_since: str | None
    """Time since which posts fail; null where they arrive."""
    old_secret_expires_at: str | None
    """Time until which the secret before the present one signs too; null where there is none."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""
    secret: str
    """Key of the signatures (`whsec_…`), to be kept where receivers verify them."""


class WebhookDeliveryRead(TypedDict):
    """One event on its way to one webhook, and what came of it."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    webhook_id: str
    """Webhook that it goes to."""
    event_id: str
    """Header `webhook-id`, the same on every attempt."""
    event: str
    """Type of the event, such as `crawl_job.completed`."""
    payload: dict[str, Any]
    """Body that is posted."""
    status: DeliveryStatus
    """State of the delivery."""
    attempts: int
    """Number of posts so far."""
    response_status: int | None
    """HTTP status of the last answer; null where none came."""
    response_excerpt: str | None
    """Beginning of the last answer's body; null where it was empty or none came."""
    error: str | None
    """Why the last post failed, for a person; null where it did not."""
    next_attempt_at: str | None
    """Time of the next post; null where there is none."""
    delivered_at: str | None
    """Time at which it was accepted; null until then."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""


class WebhookRead(TypedDict):
    """A webhook."""

    id: str
    """Identifier, a UUID of version 7: those of later rows are greater."""
    url: str
    """Address that events are posted to."""
    events: list[str]
    """Events that it hears of."""
    is_active: bool
    """False while it is paused, by its owner or after failing for too long."""
    error: str | None
    """Why posts fail, for a person; null where they arrive."""
    failing_since: str | None
    """Time since which posts fail; null where they arrive."""
    old_secret_expires_at: str | None
    """Time until which the secret before the present one signs too; null where there is none."""
    created_at: str
    """Time at which it was made, in UTC; it never changes."""
    updated_at: str
    """Time of the last change by a person or the system, in UTC."""


class WebhookSecretRead(TypedDict):
    """A new secret, shown this once."""

    secret: str
    """Key of the signatures (`whsec_…`), to be kept where receivers verify them."""
    old_secret_expires_at: str
    """Time until which the secret before this one signs too."""


class WebhookUpdate(TypedDict):
    """Changes to a webhook."""

    url: NotRequired[str]
    """New address that events are posted to."""
    events: NotRequired[list[EventType]]
    """Events that it hears of, in the place of those of now."""
    is_active: NotRequired[bool]
    """False pauses it, true resumes it."""


class WorkCount(TypedDict):
    """Numbers of images in one kind of work, as far as is known yet, by what became of them."""

    total: int
    """Number of images that it is to be done for, as far as is known yet."""
    done: int
    """Number of images that it is done for."""
    failed: int
    """Number of images that it could not be done for."""
