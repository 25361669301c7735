"""Types of what the API takes and answers (written by `make contracts`)."""

from __future__ import annotations

from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """One page of a list; `next_cursor` leads to the next one, or is null."""

    items: list[Item]
    next_cursor: str | None


JsonValue = Any


class ActivityRead(TypedDict):
    """One thing that somebody did."""

    id: str
    user_id: str | None
    action: str
    resource_type: str | None
    resource_id: str | None
    metadata: dict[str, Any]
    ip_address: str | None
    user_agent: str | None
    timestamp: str


class AgeOutcomes(TypedDict):
    """The outcomes of images by their age when they were asked for, such as `30-89 days`."""

    images: int
    same_bytes: int
    same_picture: int
    different_picture: int
    gone: int
    opted_out: int
    unreachable: int
    link_rot_percent: float | None
    age: str


class AliasSet(TypedDict):
    """The version that an alias is to stand for."""

    version: int


class AnalysisCreate(TypedDict):
    """The analyzer to ask; with `force` again, even where this version has answered.

    `version_id` names the version of a dataset that holds what is analysed: of a crawl job's images
    only these are.
    """

    analyzer: str
    force: NotRequired[bool]
    version_id: NotRequired[str | None]


class AnalysisJobRead(TypedDict):
    """An analysis job; `skipped_images` had been, or were being, analysed by this version."""

    id: str
    crawl_job_id: str
    version_id: str | None
    analyzer: str
    model_version: str | None
    force: bool
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
    progress: int
    total_images: int
    analyzed_images: int
    failed_images: int
    skipped_images: int
    error: str | None
    created_at: str
    updated_at: str
    started_at: str | None
    completed_at: str | None


class AnalysisRead(TypedDict):
    """One analysis of one image; `error` says why it failed, or what it waits for.

    `objects` is null where the analyzer gives no boxes, and empty where it found nothing.
    """

    id: str
    image_id: str
    version_id: str | None
    analysis_job_id: str | None
    analyzer: str
    model_version: str | None
    status: Literal["pending", "running", "completed", "failed"]
    description: str | None
    labels: list[Any]
    metrics: dict[str, Any]
    objects: list[DetectedObject] | None
    processing_time_ms: float | None
    error_code: str | None
    error: str | None
    created_at: str


class ApiKeyCreate(TypedDict):
    """A new API key; without `expires_at` it lives until it is revoked."""

    name: str
    expires_at: NotRequired[str | None]


class ApiKeyCreated(TypedDict):
    """A new API key; `key` is shown this once."""

    id: str
    name: str
    prefix: str
    key: str
    expires_at: str | None
    created_at: str


class ApiKeyRead(TypedDict):
    """An API key as the list shows it."""

    id: str
    name: str
    prefix: str
    is_active: bool
    last_used_at: str | None
    expires_at: str | None
    created_at: str


class Check(TypedDict):
    """One part that the system needs."""

    status: Literal["ok", "failed"]
    detail: str | None
    ms: float


class ChunkRead(TypedDict):
    """A part of a crawl job that one worker does: it fetches images, reads pages or makes variants.

    `url_count` and the outcomes count images, so they are 0 for a chunk of pages. In a chunk of
    variants they count images that are stored already. A pending chunk with a `due_at` waits for
    its hosts, which are closed, or ask for time, until then.
    """

    id: str
    position: int
    kind: Literal["urls", "pages", "manifest", "keywords", "variants"]
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
    url_count: int
    downloaded: int
    failed: int
    attempts: int
    error: str | None
    due_at: str | None
    started_at: str | None
    completed_at: str | None


class ConflictingEntry(TypedDict):
    """An entry that gives an image another label or caption than the entry that counts.

    It is the image `image_id`, which keeps what its entry says, a duplicate of what
    `kept_image_id` is. That one's label and caption are in the exports of the job.
    """

    image_id: str
    url: str | None
    label: str | None
    caption: str | None
    kept_image_id: str
    kept_label: str | None
    kept_caption: str | None


class CrawlJobCreate(TypedDict):
    """A new crawl job."""

    name: str
    source: UrlsSource | PagesSource | ManifestSource | KeywordsSource
    options: NotRequired[CrawlOptions]


class CrawlJobRead(TypedDict):
    """A crawl job; at the end downloaded + duplicate + failed images make the total.

    It is completed once its `work` is done too; what could not be made is counted there, and named
    in `error` and in the report. `stage` is what a running job is at: variants are made all along.
    `valid_images` and `invalid_images` count originals, so together they make `downloaded_images`
    as long as no image is deleted; until a validation has judged them all are valid.

    Of the addresses of a source `urls` it shows the first ten; `source.url_count` tells how many
    there are. One that cannot be fetched is an object with `reason` and `detail`. `schedule_id` is
    the schedule that it is a run of, which may be gone by now.
    """

    id: str
    project_id: str
    schedule_id: str | None
    name: str
    keywords: list[str]
    source: dict[str, Any]
    options: dict[str, Any]
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
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
    created_at: str
    updated_at: str
    started_at: str | None
    completed_at: str | None


class CrawlOptions(TypedDict):
    """The options by which a crawl job chooses and treats images.

    `max_images` left out is 1000 for pages, and as many as it lists for a source of `urls`.
    Of entries with a `sha256` other bytes fail as `checksum_mismatch`. Those with a `phash` need a
    `phash_distance` (differing bits of 64): they pass with a picture so near, or fail as
    `different_picture`. `max_distance` counts for ``dedup: "perceptual"`` only. `validate`
    starts a validation job, `analyze` analysis jobs, when the crawl completes. `rights` says if
    wishes about the use in AI are heeded, and with ``opt_in_only`` that there must be a permission.

    `refresh` is about addresses that brought the project an image before: ``skip`` counts them as
    duplicates without asking, ``revalidate`` asks and downloads what has changed, ``always``
    downloads everything anew. `every` repeats the crawl, at the same source with the same options,
    so many hours, days or weeks after it was asked for, until its schedule is deleted.
    """

    max_images: NotRequired[int]
    chunk_size: NotRequired[int]
    min_width: NotRequired[int]
    min_height: NotRequired[int]
    dedup: NotRequired[Literal["none", "exact", "perceptual"]]
    max_distance: NotRequired[int]
    variants: NotRequired[list[Literal["thumbnail"] | Variant]]
    validate: NotRequired[Rules | None]
    analyze: NotRequired[list[str]]
    phash_distance: NotRequired[int | None]
    refresh: NotRequired[Literal["skip", "revalidate", "always"]]
    every: NotRequired[str | None]
    respect_robots: NotRequired[bool]
    rights: NotRequired[Literal["respect", "opt_in_only", "ignore"]]


class CrawlReport(TypedDict):
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

    crawl_job_id: str
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
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


class CrawlWork(TypedDict):
    """The work that a crawl job was asked for beside its images; an image counts per analyzer."""

    variants: WorkCount
    validation: WorkCount
    analyses: WorkCount


class DailyUsage(TypedDict):
    """One day in UTC: predictions asked for, and images whose content was stored."""

    date: str
    prediction_count: int
    failed_predictions: int
    avg_inference_time_ms: float | None
    p95_inference_time_ms: float | None
    images_stored: int
    bytes_stored: int


class DedupSavings(TypedDict):
    """Images whose content was stored already, and the bytes that they would have taken."""

    images: int
    bytes: int


class DetectedObject(TypedDict):
    """An object that an analysis found in an image.

    `box` is left, top, width and height as shares of the picture as it is displayed, 0 to 1;
    `score` is null where the analyzer gives none.
    """

    label: str
    box: list[Any]
    score: float | None


class Drift(TypedDict):
    """The difference of the inputs of the last seven days from those of the model's first seven.

    `score` is the population stability index of the input that differs most; `inputs` has it for
    each. Up to 0.1 is stable, above 0.25 drifted.
    """

    status: Literal["stable", "shifting", "drifted"]
    score: float
    inputs: dict[str, float]


class ExportFailure(TypedDict):
    """An image that could not be exported, and why."""

    image_id: str
    url: str | None
    reason: str
    detail: str


class ExportJobCreate(TypedDict):
    """A new export job."""

    name: str
    format: Literal["zip", "tar", "csv", "json", "parquet"]
    options: NotRequired[ExportOptions]


class ExportJobRead(TypedDict):
    """An export job; `download_url` is signed afresh while the file lives.

    A variant that an image lacks is made for the export. At the end exported + failed images make
    the total; `failures` names the first 100 that failed, in a list of jobs the first 10.
    `warnings` tell what the dataset lacks, such as a class in one of its splits.
    `duplicate_images` of the exported ones duplicate another, which only `include_duplicates` lets
    in. An export of a version has among `failures` what was deleted since.
    """

    id: str
    crawl_job_id: str | None
    version_id: str | None
    project_id: str
    user_id: str
    name: str
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
    progress: int
    format: Literal["zip", "tar", "csv", "json", "parquet"]
    total_images: int
    exported_images: int
    duplicate_images: int
    failed_images: int
    failures: list[ExportFailure]
    warnings: list[str]
    recheck: RightsRecheck | None
    file_size: int | None
    sha256: str | None
    download_url: str | None
    expires_at: str | None
    export_options: dict[str, Any]
    error: str | None
    created_at: str
    updated_at: str


class ExportOptions(TypedDict):
    """The content of an export; `variant` null means the original images.

    `resize` gives all images one size while the export is built, of their originals. What a file
    says beside its pixels, such as place and owner, is left out unless `keep_metadata` is true.
    With `recheck_rights` the origin of every image is asked again before, and what its owner
    permits no longer is left out.
    `escape_formulas` puts a `'` before texts of a CSV that spreadsheets would run; without it all
    texts are as they are.
    `layout` is for archives, `webdataset` for tar only; tables are refused one. A `webdataset` with
    splits, or with `shard_bytes`, is a tar that holds tars of about that size (64 MiB where none is
    given), of each split a set of its own.
    """

    splits: NotRequired[dict[str, Any] | None]
    stratify: NotRequired[Literal["label"] | None]
    group_by: NotRequired[str | list[str] | None]
    leak_distance: NotRequired[int]
    include_metadata: NotRequired[bool]
    include_invalid: NotRequired[bool]
    include_duplicates: NotRequired[bool]
    variant: NotRequired[str | None]
    resize: NotRequired[Resize | None]
    keep_metadata: NotRequired[bool]
    layout: NotRequired[Literal["imagefolder", "webdataset", "coco", "huggingface"]]
    shard_bytes: NotRequired[int | None]
    recheck_rights: NotRequired[bool]
    escape_formulas: NotRequired[bool]


class FailedUrl(TypedDict):
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


class FailedVariant(TypedDict):
    """An image of which variants that were asked for could not be made, and why."""

    image_id: str
    url: str
    reason: str
    detail: str | None
    retryable: bool


class FieldProblem(TypedDict):
    """One rule that the request breaks, at one place in it."""

    pointer: str
    detail: str


class FlagCount(TypedDict):
    """Images that have a flag in common."""

    value: bool
    count: int


class Health(TypedDict):
    """`ok` when every part answers."""

    status: Literal["ok", "failed"]
    version: str
    checks: dict[str, Check]


class HostOutcomes(TypedDict):
    """The outcomes of one host's images."""

    images: int
    same_bytes: int
    same_picture: int
    different_picture: int
    gone: int
    opted_out: int
    unreachable: int
    link_rot_percent: float | None
    host: str


class ImageAnchors(TypedDict):
    """Cursors of a list of images, so that a reader may begin anywhere.

    `cursors[k]` is the cursor of page k of `every` images, null for the first. Where `complete` is
    false there are more images than `count`, to which no cursor leads.
    """

    count: int
    every: int
    complete: bool
    cursors: list[str | None]


class ImageDetail(TypedDict):
    """An image with its variants, its latest verdict and the latest analysis of each analyzer."""

    id: str
    project_id: str
    crawl_job_id: str | None
    user_id: str
    original_url: str | None
    file_name: str | None
    status: Literal["processing", "completed", "failed"]
    mime_type: str | None
    file_size: int | None
    width: int | None
    height: int | None
    format: str | None
    sha256: str | None
    phash: str | None
    color: str | None
    label: str | None
    caption: str | None
    license: str | None
    attribution: str | None
    creator: str | None
    source_page: str | None
    is_valid: bool
    is_duplicate: bool
    duplicate_of: str | None
    failure_reason: str | None
    processed_path: str | None
    rejected: bool
    reject_reason: str | None
    rejected_with: str | None
    metadata: dict[str, Any]
    created_at: str
    updated_at: str
    variants: list[VariantRead]
    variant_requests: list[VariantRequest]
    validation: ImageValidation | None
    analyses: list[AnalysisRead]


class ImageFacets(TypedDict):
    """Numbers of images by what can be filtered by, the largest first.

    Each property counts the images that pass all filters but its own; `total` those that pass
    all. Named are the first 200 labels and 100 values of each other property; `other` has the
    images of the rest, by property. `reason` counts only what has failed.
    """

    total: int
    label: list[LabelCount]
    format: list[LabelCount]
    license: list[LabelCount]
    host: list[LabelCount]
    status: list[LabelCount]
    reason: list[LabelCount]
    valid: list[FlagCount]
    duplicate: list[FlagCount]
    rejected: list[FlagCount]
    other: dict[str, int]


class ImageFilter(TypedDict):
    """Filters that choose images of a project: those that pass all of them."""

    crawl_job_id: NotRequired[str | None]
    status: NotRequired[Literal["processing", "completed", "failed"] | None]
    valid: NotRequired[bool | None]
    duplicate: NotRequired[bool | None]
    duplicate_of: NotRequired[str | None]
    rejected: NotRequired[bool | None]
    label: NotRequired[str | None]
    unlabelled: NotRequired[bool | None]
    license: NotRequired[str | None]
    host: NotRequired[str | None]
    format: NotRequired[Literal["jpeg", "png", "webp", "gif", "bmp", "tiff", "avif"] | None]
    min_width: NotRequired[int | None]
    max_width: NotRequired[int | None]
    min_height: NotRequired[int | None]
    max_height: NotRequired[int | None]
    min_bytes: NotRequired[int | None]
    max_bytes: NotRequired[int | None]
    min_sharpness: NotRequired[float | None]
    max_sharpness: NotRequired[float | None]
    min_brightness: NotRequired[float | None]
    max_brightness: NotRequired[float | None]
    min_uniformity: NotRequired[float | None]
    max_uniformity: NotRequired[float | None]
    text: NotRequired[str | None]
    analyzer: NotRequired[str | None]
    analysis_label: NotRequired[str | None]
    reason: NotRequired[str | None]
    version_id: NotRequired[str | None]
    split: NotRequired[str | None]


class ImageMeasures(TypedDict):
    """Histograms of a project's images; `bytes` is the file's size, sides are pixels."""

    total: int
    width: MeasureHistogram
    height: MeasureHistogram
    aspect_ratio: MeasureHistogram
    bytes: MeasureHistogram
    sharpness: MeasureHistogram
    brightness: MeasureHistogram
    uniformity: MeasureHistogram


class ImageRead(TypedDict):
    """An image; `phash` is the 64-bit perceptual hash as 16 hex digits.

    `color` is the mean colour of the picture as it shows, such as `#8a6f4c`; null for images that
    were stored before this was kept.
    """

    id: str
    project_id: str
    crawl_job_id: str | None
    user_id: str
    original_url: str | None
    file_name: str | None
    status: Literal["processing", "completed", "failed"]
    mime_type: str | None
    file_size: int | None
    width: int | None
    height: int | None
    format: str | None
    sha256: str | None
    phash: str | None
    color: str | None
    label: str | None
    caption: str | None
    license: str | None
    attribution: str | None
    creator: str | None
    source_page: str | None
    is_valid: bool
    is_duplicate: bool
    duplicate_of: str | None
    failure_reason: str | None
    processed_path: str | None
    rejected: bool
    reject_reason: str | None
    rejected_with: str | None
    metadata: dict[str, Any]
    created_at: str
    updated_at: str


class ImageRights(TypedDict):
    """The signals that the crawl of an image met, then those that its latest verification met."""

    items: list[RightsSignalRead]


class ImageUpdate(TypedDict):
    """Changes to what people say about an image."""

    label: NotRequired[str | None]
    caption: NotRequired[str | None]
    rejected: NotRequired[bool]
    reject_reason: NotRequired[str | None]


class ImageValidation(TypedDict):
    """An image's latest verdict."""

    validation_job_id: str
    is_valid: bool
    violations: list[Violation]


class ImagesChanged(TypedDict):
    """The number of images that a call changed; with `remaining`, repeat it to change more."""

    changed: int
    remaining: bool


class ImagesUpdate(TypedDict):
    """The same change to many images of a project: to those listed, or those that pass a filter."""

    image_ids: NotRequired[list[str] | None]
    filter: NotRequired[ImageFilter | None]
    set: ImageUpdate


class JobStatRead(TypedDict):
    """One attempt at one operation; `job_id` names the piece of work in any form."""

    job_id: str
    image_id: str | None
    operation: str
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
    start_time: str | None
    end_time: str | None
    duration_ms: float | None
    attempt: int
    error: str | None


class KeyUsage(TypedDict):
    """Use of one API key; all of it null for what signed-in people asked."""

    api_key_id: str | None
    name: str | None
    prefix: str | None
    prediction_count: int
    failed_predictions: int
    avg_inference_time_ms: float | None
    last_used_on: str


class KeywordSearch(TypedDict):
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


class KeywordsSource(TypedDict):
    """Words for which engines are searched: `keywords`, or `categories` of them by label.

    `engines` left out are all that are set up and can search by the `license`, if one is given:
    a license of Creative Commons, or a group of those.
    """

    type: Literal["keywords"]
    keywords: NotRequired[list[str] | None]
    categories: NotRequired[dict[str, list[str]] | None]
    engines: NotRequired[list[Literal["openverse", "wikimedia", "flickr", "pexels", "unsplash", "google"]] | None]
    license: NotRequired[Literal["cc0", "pdm", "by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd", "public-domain", "commercial", "modification", "commercial-modification"] | None]


class LabelCount(TypedDict):
    """Images that have a text in common; null are those that have none."""

    value: str | None
    count: int


class Live(TypedDict):
    """A sign that the server runs."""

    live: bool


class ManifestColumns(TypedDict):
    """The names of a manifest's columns; those left out are found by their usual names."""

    url: NotRequired[str | None]
    label: NotRequired[str | None]
    caption: NotRequired[str | None]
    license: NotRequired[str | None]
    attribution: NotRequired[str | None]
    sha256: NotRequired[str | None]
    phash: NotRequired[str | None]


class ManifestCreate(TypedDict):
    """A manifest to be uploaded, and the crawl job that its arrival starts.

    `size` is in bytes. The kind is told by the content, and where that says nothing by `file_name`.
    """

    name: str
    file_name: str
    size: int
    columns: NotRequired[ManifestColumns]
    options: NotRequired[CrawlOptions]


class ManifestSource(TypedDict):
    """A table of addresses in a bucket: csv, tsv, jsonl, txt or parquet, perhaps packed (gz, zst).

    Columns are named in `columns` or one by one, each in one of the two ways.
    """

    type: Literal["manifest"]
    uri: str
    columns: NotRequired[ManifestColumns]
    url_column: NotRequired[str | None]
    label_column: NotRequired[str | None]
    caption_column: NotRequired[str | None]
    license_column: NotRequired[str | None]
    sha256_column: NotRequired[str | None]


class ManifestUpload(TypedDict):
    """The address to PUT the file to, with these headers and its exact size."""

    crawl_job_id: str
    upload_url: str
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: str


class MeasureHistogram(TypedDict):
    """Numbers of images by a measure: `counts[k]` from `edges[k]` to below `edges[k + 1]`.

    The edges depend on `bins` alone. What lies outside of them is in the first or the last bar, as
    `min` and `max` tell; `nulls` images lack the measure.
    """

    scale: Literal["linear", "log"]
    edges: list[float]
    counts: list[int]
    min: float | None
    max: float | None
    count: int
    nulls: int


class MissingImage(TypedDict):
    """An image that a version holds and that is deleted by now."""

    image_id: str
    sha256: str


class ModelCreate(TypedDict):
    """A model version whose file the caller wants to send.

    `version_id` is the version of the dataset that it was trained on.
    """

    name: str
    model_type: Literal["onnx", "sklearn", "pytorch", "tensorflow"]
    description: NotRequired[str | None]
    version: NotRequired[int | None]
    version_id: NotRequired[str | None]
    input_schema: NotRequired[list[TensorSchema] | None]
    output_schema: NotRequired[list[TensorSchema] | None]
    metadata: NotRequired[ModelMetadata]
    file_name: str
    file_size: int
    sha256: NotRequired[str | None]


class ModelCreated(TypedDict):
    """A new version, and where and how to send its file; its arrival does the rest."""

    id: str
    user_id: str
    name: str
    description: str | None
    model_type: Literal["onnx", "sklearn", "pytorch", "tensorflow"]
    version: int
    version_id: str | None
    runtime: Literal["onnx", "litert", "skops"] | None
    file_name: str | None
    file_path: str
    file_size: int | None
    sha256: str | None
    status: Literal["pending", "active", "deprecated", "archived", "rejected"]
    error: str | None
    warnings: list[str]
    input_schema: list[ModelTensor] | None
    output_schema: list[ModelTensor] | None
    metadata: dict[str, Any]
    aliases: list[str]
    created_at: str
    updated_at: str
    upload_url: str
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: str


class ModelDescription(TypedDict):
    """A model version with its tensors."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[Tensor]
    outputs: list[Tensor]


class ModelMetadata(TypedDict):
    """Facts about a model: two that are used, and any others."""

    labels: NotRequired[list[str] | None]
    preprocessing: NotRequired[Preprocessing | None]


class ModelRead(TypedDict):
    """A model version; `runtime` is what runs it, `error` why it was rejected.

    `warnings` say what in the file is not as it is served.
    """

    id: str
    user_id: str
    name: str
    description: str | None
    model_type: Literal["onnx", "sklearn", "pytorch", "tensorflow"]
    version: int
    version_id: str | None
    runtime: Literal["onnx", "litert", "skops"] | None
    file_name: str | None
    file_path: str
    file_size: int | None
    sha256: str | None
    status: Literal["pending", "active", "deprecated", "archived", "rejected"]
    error: str | None
    warnings: list[str]
    input_schema: list[ModelTensor] | None
    output_schema: list[ModelTensor] | None
    metadata: dict[str, Any]
    aliases: list[str]
    created_at: str
    updated_at: str


class ModelReady(TypedDict):
    """A sign that a model can predict."""

    name: str
    ready: bool


class ModelStatistics(TypedDict):
    """Runs of a version: how many, how long they took (milliseconds) and how they failed.

    Percentiles are read from a histogram and may be off by 9 %. `failures` counts by kind.
    `drift` is null until the model is two weeks old and has inputs enough on both sides; it may be
    some minutes behind.
    """

    model_id: str
    name: str
    version: int
    status: str
    total_predictions: int
    failed_predictions: int
    pending_predictions: int
    avg_inference_time_ms: float | None
    p50_inference_time_ms: float | None
    p95_inference_time_ms: float | None
    p99_inference_time_ms: float | None
    failures: dict[str, int]
    last_used_on: str | None
    drift: Drift | None
    created_at: str


class ModelTensor(TypedDict):
    """A tensor as the model's file has it.

    `columns` is set where the columns of scores are not in the order of the classes: it holds the
    column of each class, and answers have the columns in that order.
    """

    name: str
    datatype: Literal["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"]
    shape: list[int]
    labels: NotRequired[list[str] | None]
    quantization: NotRequired[Quantization | None]
    columns: NotRequired[list[int] | None]


class ModelUpdate(TypedDict):
    """Changes of a version; its file never does."""

    description: NotRequired[str | None]
    status: NotRequired[Literal["active", "deprecated", "archived"]]
    metadata: NotRequired[ModelMetadata]


class MonthOutcomes(TypedDict):
    """The outcomes of the images that were taken in one month, such as `2026-01`."""

    images: int
    same_bytes: int
    same_picture: int
    different_picture: int
    gone: int
    opted_out: int
    unreachable: int
    link_rot_percent: float | None
    month: str


class OtherHostsOutcomes(TypedDict):
    """The outcomes of the hosts that are not named."""

    images: int
    same_bytes: int
    same_picture: int
    different_picture: int
    gone: int
    opted_out: int
    unreachable: int
    link_rot_percent: float | None
    hosts: int


class OutcomeCounts(TypedDict):
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


class PagesSource(TypedDict):
    """Web pages whose images are wanted; links are followed `max_depth` steps.

    With `sitemap` the pages and images in the sitemaps of the pages' sites are read too: those that
    a robots.txt names, and `/sitemap.xml`. With `same_host` only pages on the host of the listed
    page are read; images are taken from any host. `label` goes to every image.

    `include` and `exclude` are patterns as in robots.txt: `*` stands for any characters, `$` at the
    end for the end, and the rest for itself. One that begins with `/` is compared with the
    beginning of an address's path and query, any other with that of the whole address. Of the pages
    that links and sitemaps lead to, only those are read that fit an `include`, if there are any.
    What fits an `exclude` is left out, pages and images alike. Listed pages are always read.

    `referer` says whether images are asked for with the address of their page, as browsers do
    (to other sites its origin alone, and what the page wishes by a Referrer-Policy), or without.
    """

    type: Literal["pages"]
    pages: list[str]
    max_depth: NotRequired[int]
    same_host: NotRequired[bool]
    sitemap: NotRequired[bool]
    include: NotRequired[list[str]]
    exclude: NotRequired[list[str]]
    label: NotRequired[str | None]
    referer: NotRequired[Literal["page", "none"]]


class PredictionCreate(TypedDict):
    """Inputs of a prediction: tensors by name, or images.

    `version_id` names the version of a dataset that they are from; images must be in it.
    """

    inputs: NotRequired[dict[str, Any] | None]
    image_ids: NotRequired[list[str] | None]
    version_id: NotRequired[str | None]


class PredictionDetail(TypedDict):
    """One call, with addresses of inputs and outputs that are too large for it.

    They are null where the call itself holds all, and work for a short time.
    """

    id: str
    model_id: str
    version_id: str | None
    user_id: str
    input_data: Any
    output_data: Any
    batch_size: int | None
    inference_time_ms: float | None
    status: Literal["pending", "success", "failed"]
    error_code: str | None
    error_message: str | None
    created_at: str
    input_url: str | None
    output_url: str | None


class PredictionRead(TypedDict):
    """One call of a model. What is large is summarised here and stored in the bucket.

    `inference_time_ms` is the time that the model took and nothing else; `batch_size` counts rows
    or images; `error_code` is one of a few words that can be counted.
    """

    id: str
    model_id: str
    version_id: str | None
    user_id: str
    input_data: Any
    output_data: Any
    batch_size: int | None
    inference_time_ms: float | None
    status: Literal["pending", "success", "failed"]
    error_code: str | None
    error_message: str | None
    created_at: str


class Preprocessing(TypedDict):
    """The way from an image to the model's input; sizes left out follow from its shape.

    A pixel from 0 to 255 becomes (pixel × scale - mean) / std; `invert` first makes it 255 - pixel.
    """

    width: NotRequired[int | None]
    height: NotRequired[int | None]
    layout: NotRequired[Literal["NCHW", "NHWC", "flat"] | None]
    color: NotRequired[Literal["rgb", "bgr", "grayscale"] | None]
    fit: NotRequired[Literal["fill", "cover", "contain"]]
    resample: NotRequired[Literal["nearest", "bilinear", "bicubic", "lanczos"]]
    invert: NotRequired[bool]
    scale: NotRequired[float | None]
    mean: NotRequired[list[float] | None]
    std: NotRequired[list[float] | None]


class Problem(TypedDict):
    """RFC 9457 problem details; `instance` is the request id, `errors` comes with a 422."""

    type: NotRequired[str]
    title: str
    status: int
    detail: str
    instance: str
    errors: NotRequired[list[FieldProblem] | None]


class ProfileRead(TypedDict):
    """A person's own profile."""

    id: str
    email: str
    full_name: str | None
    role: Literal["user", "admin"]
    is_active: bool
    created_at: str
    updated_at: str


class ProfileUpdate(TypedDict):
    """Changes to one's own profile; a new e-mail or password needs the current password."""

    email: NotRequired[str]
    full_name: NotRequired[str | None]
    password: NotRequired[str]
    current_password: NotRequired[str]


class ProjectCreate(TypedDict):
    """A new project."""

    name: str
    description: NotRequired[str | None]


class ProjectDetail(TypedDict):
    """A project with its latest 50 crawl jobs."""

    id: str
    user_id: str
    name: str
    description: str | None
    status: Literal["active", "archived"]
    image_count: int
    duplicate_count: int
    rejected_count: int
    crawl_job_count: int
    created_at: str
    updated_at: str
    crawl_jobs: list[CrawlJobRead]


class ProjectRead(TypedDict):
    """A project with its counts: every image is counted once, in one of three numbers.

    `image_count` are the originals, and copies that were to be kept; `duplicate_count` what
    duplicates them; `rejected_count` what was rejected.
    """

    id: str
    user_id: str
    name: str
    description: str | None
    status: Literal["active", "archived"]
    image_count: int
    duplicate_count: int
    rejected_count: int
    crawl_job_count: int
    created_at: str
    updated_at: str


class ProjectUpdate(TypedDict):
    """Changes to a project."""

    name: NotRequired[str]
    description: NotRequired[str | None]
    status: NotRequired[Literal["active", "archived"]]


class Quantization(TypedDict):
    """The real numbers that integers stand for: (integer - zero_point) × scale."""

    scale: float
    zero_point: int


class Ready(TypedDict):
    """A sign that the server can predict."""

    ready: bool


class Resize(TypedDict):
    """A size in pixels, how pictures are fitted to it, and how they are encoded.

    `pad` shows all of a picture and fills what is left, `cover` cuts the overhang off evenly,
    `fill` stretches, `contain` is `pad` without the padding: the one mode that leaves sizes
    different. Without `enlarge` no picture is made larger than it is, and what it lacks is filled.
    `background` (`#rrggbb` or `#rrggbbaa`) is what is filled in, and what transparent parts are
    laid on: pictures are RGB, or RGBA where it is itself transparent.
    """

    width: int
    height: int
    mode: NotRequired[Literal["pad", "cover", "fill", "contain"]]
    enlarge: NotRequired[bool]
    background: NotRequired[str]
    format: NotRequired[Literal["jpeg", "png", "webp", "avif"]]
    quality: NotRequired[int | None]


class RightsRecheck(TypedDict):
    """The verification job that asks for the rights of an export's images again.

    Its numbers are there once it has ended. Images that have `opted_out` are left out of the
    export; those of which nothing was learned (`unreachable`), whose origin has nothing any more
    (`gone`) or something else (`different_picture`), or that have none (`without_origin`) are in
    it under the terms on which they were taken.
    """

    verification_job_id: str
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
    total_images: int
    opted_out: int
    unreachable: int
    gone: int
    different_picture: int
    without_origin: int


class RightsSignalRead(TypedDict):
    """One signal: where it stands, its words, and what was decided by it.

    `allows` says whether it allows training, null where it is about other things; `evidence_hash`
    is the SHA-256 of the site's file that said so. `verification_job_id` is the verification that
    met it, null for what the crawl met that took the image.
    """

    source: Literal["robots.txt", "x-robots-tag", "robots-meta", "content-usage", "content-signal", "tdmrep.json", "tdm-reservation", "tdm-meta", "rsl", "exif", "iptc", "xmp", "c2pa"]
    value: str
    allows: bool | None
    decision: Literal["allowed", "refused"]
    address: str
    evidence_hash: str | None
    verification_job_id: str | None
    fetched_at: str


class Rules(TypedDict):
    """The rules that make an image valid; a rule that is absent or null is not checked.

    Sizes in pixels and bytes, aspect ratio = width / height, brightness from 0 (black) to 1
    (white), `max_uniformity` the largest share (0–1) of the commonest colour,
    `near_duplicate_distance` the number of differing bits of 64 up to which the later of two images
    is its near duplicate. Store `model_dump(exclude_defaults=True)`.
    """

    min_width: NotRequired[int | None]
    min_height: NotRequired[int | None]
    max_width: NotRequired[int | None]
    max_height: NotRequired[int | None]
    min_bytes: NotRequired[int | None]
    max_bytes: NotRequired[int | None]
    allowed_formats: NotRequired[list[str] | None]
    min_aspect_ratio: NotRequired[float | None]
    max_aspect_ratio: NotRequired[float | None]
    min_sharpness: NotRequired[float | None]
    min_brightness: NotRequired[float | None]
    max_brightness: NotRequired[float | None]
    max_uniformity: NotRequired[float | None]
    allow_animated: NotRequired[bool]
    allow_grayscale: NotRequired[bool]
    require_license: NotRequired[bool]
    near_duplicate_distance: NotRequired[int | None]


class ScheduleRead(TypedDict):
    """A crawl that repeats; its source is shown as that of a crawl job.

    A due time brings no run while the one before is at work, and while the project is archived;
    `missed_runs` counts such times, and `error` says why the latest one did. Where the account has
    too many jobs at work the run waits. Of times that passed while the system stood still one run
    is made.
    """

    id: str
    project_id: str
    name: str
    source: dict[str, Any]
    options: dict[str, Any]
    next_run_at: str
    last_run_at: str | None
    last_crawl_job_id: str | None
    missed_runs: int
    error: str | None
    created_at: str
    updated_at: str


class Server(TypedDict):
    """The server and its extensions."""

    name: str
    version: str
    extensions: list[str]


class SessionCreate(TypedDict):
    """Sign in."""

    email: str
    password: str


class SessionRead(TypedDict):
    """A fresh pair of tokens; `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"]
    expires_in: int


class SessionRefresh(TypedDict):
    """Trade a refresh token for a new pair; it works once."""

    refresh_token: str


class SignInCodeRead(TypedDict):
    """A code, which is shown this once, and where it leads, from the deployment's address."""

    code: str
    expires_at: str
    url: str


class SimilarImage(TypedDict):
    """An image with its perceptual distance to the one that was asked for."""

    id: str
    project_id: str
    crawl_job_id: str | None
    user_id: str
    original_url: str | None
    file_name: str | None
    status: Literal["processing", "completed", "failed"]
    mime_type: str | None
    file_size: int | None
    width: int | None
    height: int | None
    format: str | None
    sha256: str | None
    phash: str | None
    color: str | None
    label: str | None
    caption: str | None
    license: str | None
    attribution: str | None
    creator: str | None
    source_page: str | None
    is_valid: bool
    is_duplicate: bool
    duplicate_of: str | None
    failure_reason: str | None
    processed_path: str | None
    rejected: bool
    reject_reason: str | None
    rejected_with: str | None
    metadata: dict[str, Any]
    created_at: str
    updated_at: str
    distance: int


class Tensor(TypedDict):
    """An input or output; -1 in its shape stands for any size."""

    name: str
    datatype: str
    shape: list[int]


class TensorSchema(TypedDict):
    """A tensor that a model takes or gives; -1 in its shape stands for any size."""

    name: str
    datatype: Literal["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"]
    shape: list[int]
    labels: NotRequired[list[str] | None]


class UploadCreate(TypedDict):
    """An image that the caller wants to send straight to the bucket."""

    file_name: str
    content_type: str
    size: int
    label: NotRequired[str | None]
    caption: NotRequired[str | None]
    license: NotRequired[str | None]
    attribution: NotRequired[str | None]


class UploadRead(TypedDict):
    """The address to which the image is sent, and how; its arrival does the rest."""

    image_id: str
    upload_url: str
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: str


class UrlEntry(TypedDict):
    """One image's address with what is known about it; `metadata` is any JSON, up to 8 KiB.

    `sha256` of its bytes and `phash` of its picture are compared with what the address brings.
    """

    url: str
    label: NotRequired[str | None]
    caption: NotRequired[str | None]
    license: NotRequired[str | None]
    attribution: NotRequired[str | None]
    sha256: NotRequired[str | None]
    phash: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any] | None]


class UrlsSource(TypedDict):
    """Addresses of images, inline."""

    type: Literal["urls"]
    urls: list[str | UrlEntry]


class Usage(TypedDict):
    """Every day, also those on which nothing happened, newest first; and the same by API key."""

    items: list[DailyUsage]
    next_cursor: None
    keys: list[KeyUsage]


class UserRegister(TypedDict):
    """A new account."""

    email: str
    password: str
    full_name: NotRequired[str | None]


class ValidationJobCreate(TypedDict):
    """A new validation job."""

    name: str
    rules: Rules


class ValidationJobRead(TypedDict):
    """A validation job; `validation_rules` are the rules as they were sent.

    Total, validated and invalid images are originals. Duplicates are judged too, and counted apart:
    `duplicate_images`, of which `invalid_duplicates` break a rule.
    """

    id: str
    crawl_job_id: str
    name: str
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
    progress: int
    total_images: int
    validated_images: int
    invalid_images: int
    duplicate_images: int
    invalid_duplicates: int
    validation_rules: dict[str, Any]
    error: str | None
    created_at: str
    updated_at: str


class ValidationPreviewCreate(TypedDict):
    """Rules to try on all stored images of a project, or on those that pass a filter."""

    rules: Rules
    filter: NotRequired[ImageFilter | None]


class ValidationPreviewRead(TypedDict):
    """Numbers of images that the rules would find invalid now; nothing is written.

    `by_rule` has each rule that was sent; an image may break several. `examples` are the newest
    50 invalid images. `not_counted` names rules that a preview leaves out.
    """

    total: int
    invalid: int
    by_rule: dict[str, int]
    not_counted: list[Literal["min_width", "min_height", "max_width", "max_height", "min_bytes", "max_bytes", "allowed_formats", "min_aspect_ratio", "max_aspect_ratio", "min_sharpness", "min_brightness", "max_brightness", "max_uniformity", "allow_animated", "allow_grayscale", "require_license", "near_duplicate_distance"]]
    examples: list[str]


class ValidationResultRead(TypedDict):
    """The verdict on one image."""

    image_id: str
    is_valid: bool
    violations: list[Violation]


class Variant(TypedDict):
    """A variant: size in pixels, how to fit it, and how to encode it.

    `contain` shrinks to fit within the box, `cover` shrinks to fill it and cuts the overhang off
    evenly, `fill` stretches to exactly the box. `contain` and `cover` never enlarge: where the
    image is smaller than the box, `cover` gives the largest picture of the box's shape.
    """

    name: str
    width: NotRequired[int | None]
    height: NotRequired[int | None]
    fit: NotRequired[Literal["contain", "cover", "fill"]]
    format: NotRequired[Literal["jpeg", "png", "webp", "avif"]]
    quality: NotRequired[int | None]
    watermark: NotRequired[Watermark | None]
    strip_metadata: NotRequired[bool]


class VariantRead(TypedDict):
    """A stored variant of an image."""

    name: str
    spec: dict[str, Any]
    width: int
    height: int
    file_size: int


class VariantRequest(TypedDict):
    """A variant that was asked for, not made yet or, with the reason, not to be made."""

    name: str
    spec: dict[str, Any]
    status: Literal["pending", "failed"]
    failure_reason: str | None


class VariantsCreate(TypedDict):
    """Variants that the caller wants of an image."""

    variants: list[Variant]


class VerificationJobCreate(TypedDict):
    """A new verification job, of all images of a project or of those that pass a filter.

    `max_distance` left out is that of the project's near duplicates. `rights` and `respect_robots`
    left out are those of the crawl that brought each image.
    """

    name: NotRequired[str]
    max_distance: NotRequired[int | None]
    filter: NotRequired[ImageFilter | None]
    rights: NotRequired[Literal["respect", "opt_in_only", "ignore"] | None]
    respect_robots: NotRequired[bool | None]


class VerificationJobRead(TypedDict):
    """A verification job; at the end the six outcomes make `total_images`.

    Images without an origin (uploads) are counted apart. Until a job has ended, what the outcomes
    lack to the total has not been asked yet.
    """

    id: str
    project_id: str
    name: str
    filter: dict[str, Any]
    max_distance: int
    rights: Literal["respect", "opt_in_only", "ignore"] | None
    respect_robots: bool | None
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
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
    created_at: str
    updated_at: str
    started_at: str | None
    completed_at: str | None


class VerificationReport(TypedDict):
    """Link rot by host, by month and by age; `waiting` images have no outcome yet.

    `percentages` are the outcomes' shares of all images with one. `hosts` are the 50 that lost
    most (different, gone or opted out), `months` the latest 36. `reasons` has up to 50 for each
    outcome. `redirected` images are answered for by another host.
    """

    verification_job_id: str
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
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


class VerificationResultRead(TypedDict):
    """The outcome of one image.

    `sha256` is that of the bytes that are served now, `distance` the number of bits, of 64, in
    which the hashes of the two pictures differ. `redirected_to` is the address that answered, where
    that is of another host than `url`.
    """

    image_id: str
    url: str
    host: str
    outcome: Literal["same_bytes", "same_picture", "different_picture", "gone", "opted_out", "unreachable"]
    reason: str | None
    detail: str | None
    http_status: int | None
    redirected_to: str | None
    sha256: str | None
    distance: int | None
    checked_at: str


class VersionChange(TypedDict):
    """A content that another version holds otherwise, or not at all."""

    image_id: str
    sha256: str
    change: Literal["added", "removed", "changed"]
    before: VersionedImage | None
    after: VersionedImage | None


class VersionCreate(TypedDict):
    """A new version of a project's dataset."""

    splits: NotRequired[dict[str, Any] | None]
    stratify: NotRequired[Literal["label"] | None]
    group_by: NotRequired[str | list[str] | None]
    leak_distance: NotRequired[int]
    name: str
    filter: NotRequired[VersionFilter]


class VersionDetail(TypedDict):
    """A version, and which of its images are deleted by now: `missing` names the first 100."""

    id: str
    project_id: str
    name: str
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
    progress: int
    hash: str | None
    image_count: int
    splits: dict[str, int]
    filter: dict[str, Any]
    split_options: dict[str, Any]
    warnings: list[str]
    error: str | None
    created_at: str
    updated_at: str
    completed_at: str | None
    missing_images: int
    missing: list[MissingImage]


class VersionFilter(TypedDict):
    """The images of a project that a version holds: those that pass all filters.

    Valid ones that duplicate none, unless `valid` or `duplicate` say otherwise; never rejected
    ones. `analyzer` asks for a completed analysis, `analysis_label` for a label that it gave,
    `split` for images of one of the version's splits.
    """

    crawl_job_id: NotRequired[str | None]
    status: NotRequired[Literal["processing", "completed", "failed"] | None]
    valid: NotRequired[bool | None]
    duplicate: NotRequired[bool | None]
    duplicate_of: NotRequired[str | None]
    rejected: NotRequired[bool | None]
    label: NotRequired[str | None]
    unlabelled: NotRequired[bool | None]
    license: NotRequired[str | None]
    host: NotRequired[str | None]
    format: NotRequired[Literal["jpeg", "png", "webp", "gif", "bmp", "tiff", "avif"] | None]
    min_width: NotRequired[int | None]
    max_width: NotRequired[int | None]
    min_height: NotRequired[int | None]
    max_height: NotRequired[int | None]
    min_bytes: NotRequired[int | None]
    max_bytes: NotRequired[int | None]
    min_sharpness: NotRequired[float | None]
    max_sharpness: NotRequired[float | None]
    min_brightness: NotRequired[float | None]
    max_brightness: NotRequired[float | None]
    min_uniformity: NotRequired[float | None]
    max_uniformity: NotRequired[float | None]
    text: NotRequired[str | None]
    analyzer: NotRequired[str | None]
    analysis_label: NotRequired[str | None]
    split: NotRequired[str | None]


class VersionRead(TypedDict):
    """A version; `hash` is the root of a Merkle tree of what it holds, once it is completed."""

    id: str
    project_id: str
    name: str
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
    progress: int
    hash: str | None
    image_count: int
    splits: dict[str, int]
    filter: dict[str, Any]
    split_options: dict[str, Any]
    warnings: list[str]
    error: str | None
    created_at: str
    updated_at: str
    completed_at: str | None


class VersionedImage(TypedDict):
    """An image as a version holds it; `rights` is a hash of the signals that its crawl met."""

    label: str | None
    caption: str | None
    split: str | None
    license: str | None
    attribution: str | None
    rights: str | None


class Violation(TypedDict):
    """One rule that an image breaks: what the rule allows and what the image has."""

    rule: Literal["min_width", "min_height", "max_width", "max_height", "min_bytes", "max_bytes", "allowed_formats", "min_aspect_ratio", "max_aspect_ratio", "min_sharpness", "min_brightness", "max_brightness", "max_uniformity", "allow_animated", "allow_grayscale", "require_license", "near_duplicate_distance"]
    limit: Any
    actual: Any


class Watermark(TypedDict):
    """Text laid over a variant; Latin script, one line."""

    text: str
    position: NotRequired[Literal["top-left", "top", "top-right", "left", "center", "right", "bottom-left", "bottom", "bottom-right"]]
    opacity: NotRequired[float]


class WebSessionCreate(TypedDict):
    """Sign a browser in: by `email` and `password`, or by a `code`."""

    email: NotRequired[str | None]
    password: NotRequired[str | None]
    code: NotRequired[str | None]


class WebSessionRead(TypedDict):
    """A browser's session, whose tokens are in cookies; `expires_in` seconds until a refresh."""

    expires_in: int


class WebhookCreate(TypedDict):
    """A new webhook: an address, and the events that are to be posted there."""

    url: str
    events: list[Literal["analysis_job.completed", "analysis_job.failed", "analysis_job.cancelled", "crawl_job.completed", "crawl_job.failed", "crawl_job.cancelled", "export_job.completed", "export_job.failed", "model_verification.completed", "model_verification.failed", "validation_job.completed", "validation_job.failed", "validation_job.cancelled", "verification_job.completed", "verification_job.failed", "verification_job.cancelled", "version.completed", "version.failed"]]


class WebhookCreated(TypedDict):
    """A new webhook; `secret` is shown this once."""

    id: str
    url: str
    events: list[str]
    is_active: bool
    error: str | None
    failing_since: str | None
    old_secret_expires_at: str | None
    created_at: str
    updated_at: str
    secret: str


class WebhookDeliveryRead(TypedDict):
    """One event on its way to one webhook, and what came of it.

    `event_id` is the `webhook-id` header, the same on every attempt; `payload` is the body.
    `response_status` and `response_excerpt` are those of the last attempt.
    """

    id: str
    webhook_id: str
    event_id: str
    event: str
    payload: dict[str, Any]
    status: Literal["pending", "completed", "failed"]
    attempts: int
    response_status: int | None
    response_excerpt: str | None
    error: str | None
    next_attempt_at: str | None
    delivered_at: str | None
    created_at: str
    updated_at: str


class WebhookRead(TypedDict):
    """A webhook. While posts fail `failing_since` says since when, and `error` why.

    `is_active` is false while it is paused: by its owner, or, as `error` says then, after failing
    for too long. `old_secret_expires_at` is until when the secret before the present one signs too.
    """

    id: str
    url: str
    events: list[str]
    is_active: bool
    error: str | None
    failing_since: str | None
    old_secret_expires_at: str | None
    created_at: str
    updated_at: str


class WebhookSecretRead(TypedDict):
    """A new secret, shown this once, and until when the one before it signs too."""

    secret: str
    old_secret_expires_at: str


class WebhookUpdate(TypedDict):
    """Changes to a webhook; `is_active` false pauses it, true resumes it."""

    url: NotRequired[str]
    events: NotRequired[list[Literal["analysis_job.completed", "analysis_job.failed", "analysis_job.cancelled", "crawl_job.completed", "crawl_job.failed", "crawl_job.cancelled", "export_job.completed", "export_job.failed", "model_verification.completed", "model_verification.failed", "validation_job.completed", "validation_job.failed", "validation_job.cancelled", "verification_job.completed", "verification_job.failed", "verification_job.cancelled", "version.completed", "version.failed"]]]
    is_active: NotRequired[bool]


class WorkCount(TypedDict):
    """Numbers of images in one kind of work, as far as is known yet, by what became of them."""

    total: int
    done: int
    failed: int
