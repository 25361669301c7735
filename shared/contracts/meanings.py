"""Meanings of fields that many schemas have: by the declaration, so that a type is part of it.

What a field means in one schema alone stands in a docstring beneath it, which counts before these.
"""

MEANINGS = {
    # Rows
    "id: UUID": "Identifier, a UUID of version 7: those of later rows are greater.",
    "created_at: Time": "Time at which it was made, in UTC; it never changes.",
    "updated_at: Time": "Time of the last change by a person or the system, in UTC.",
    "user_id: UUID": "Account that owns it.",
    "project_id: UUID": "Project that it belongs to.",
    "image_id: UUID": "Image that this is about.",
    "crawl_job_id: UUID": "Crawl job that this is about.",
    "model_id: UUID": "Version of a model that this is about.",
    "verification_job_id: UUID": "Verification job that this is about.",
    "version_id: UUID | None": "Version of a dataset that was named for it, which may be deleted by"
    " now; null where none was.",
    "version_id: Id | None": "Version of a dataset, of the same account, that it is noted with.",
    # Jobs
    "status: JobStatus": "State of the work.",
    "status: JobStatus | None": "State to show alone; all states where it is left out.",
    "progress: int": "Per cent that are done, 0 to 100; 100 only once it has ended well.",
    "error: str | None": "Cause of a failure, for a person; null where nothing failed.",
    "started_at: Time | None": "Time at which the work began; null until then.",
    "completed_at: Time | None": "Time at which it reached its last state; null until then.",
    "total_images: int": "Number of images that the job is about, as far as is known yet.",
    "failed_images: int": "Number of images that brought no result.",
    "warnings: list[str]": "Sentences for a person about what to look into; often none.",
    # Names that people give
    "name: Name": "Name for people, of one line; it need not be unique.",
    "name: str": "Name that its owner gave it.",
    "description: Description | None": "Free text about it.",
    "description: Description | MISSING | None": "Free text about it; null removes it.",
    "description: str | None": "Free text about it; null where nobody wrote one.",
    "file_name: Name": "Name of the file with its ending, as the caller has it.",
    "file_name: str | None": "Name of the file at its origin; null where it is not known.",
    "email: Email": "E-mail address; upper and lower case are the same.",
    # Images
    "label: Name | None": "Class of the image, for training.",
    "label: str | None": "Class of the image, for training; null where nobody gave one.",
    "caption: str | None": "Text about the image, for training; null where nobody gave one.",
    "license: Name | None": "Licence that the image is offered under: a short name or an address.",
    "license: str | None": "Licence that the image is offered under; null where none is known.",
    "attribution: Name | None": "Person or place to credit for the image.",
    "attribution: str | None": "Person or place to credit for the image; null where none is known.",
    "source_page: str | None": "Page that showed the image; null where it came from none.",
    "sha256: Sha256 | None": "SHA-256 of the file's bytes, in hexadecimal digits, to be compared.",
    "sha256: str | None": "SHA-256 of the file's bytes, in hexadecimal digits; null where there is"
    " no file.",
    "sha256: str": "SHA-256 of the image's bytes, in hexadecimal digits.",
    "file_size: int | None": "Size of the file in bytes; null where there is no file.",
    "valid: bool | None": "Only valid images (true) or invalid ones (false); both without it.",
    "is_valid: bool": "True while no rule of the latest validation is broken.",
    "violations: list[Violation]": "Rules that the image breaks; none of a valid one.",
    "url: str": "Address that this is about.",
    "url: str | None": "Address that the image was taken from; null for an upload.",
    "spec: dict[str, JsonValue]": "Specification by which it is made: all fields of a variant but"
    " its name.",
    "count: int": "Number of images.",
    # Outcomes
    "reason: str": "Kind of the failure, one of a closed list of words (docs/reasons.md).",
    "detail: str | None": "The same in words, for a person; null where there is no more to say.",
    "detail: str": "The same in words, for a person.",
    "http_status: int | None": "Status of the last HTTP answer; null where none came.",
    "retryable: bool": "True where a retry of the job may bring it.",
    "error_code: str | None": "Kind of the failure in a word that can be counted; null where"
    " nothing failed.",
    "failure_reason: str | None": "Cause of the failure, for a person; null where nothing failed.",
    "same_bytes: int": "Number of images whose origin serves the same bytes.",
    "same_picture: int": "Number of images whose origin serves other bytes of the same picture.",
    "different_picture: int": "Number of images whose origin serves another picture.",
    "gone: int": "Number of images whose origin has nothing any more.",
    "opted_out: int": "Number of images whose owner permits their use no longer.",
    "unreachable: int": "Number of images of which nothing was learned, for a passing reason.",
    "without_origin: int": "Number of images that were uploaded, so that there is nobody to ask.",
    # Crawls
    "options: RequestedOptions": "Ways in which images are chosen and treated.",
    "options: dict[str, JsonValue]": "Options of the crawl, those that were left out included.",
    "source: dict[str, JsonValue]": "Source of the images as it was given; of a list of addresses"
    " the first ten, with their number in `url_count`.",
    "columns: ManifestColumns": "Names of the table's columns, where they are not the usual ones.",
    "min_width: Pixels | None": "Pixels of width that an image has at least.",
    "min_height: Pixels | None": "Pixels of height that an image has at least.",
    "max_width: Pixels | None": "Pixels of width that an image has at most.",
    "max_height: Pixels | None": "Pixels of height that an image has at most.",
    "min_bytes: Bytes | None": "Bytes that the file has at least.",
    "max_bytes: Bytes | None": "Bytes that the file has at most.",
    "min_sharpness: Measure | None": "Least variance of the Laplacian; 0 is flat, and the sharper"
    " an image the greater it is.",
    "max_sharpness: Measure | None": "Greatest variance of the Laplacian.",
    "min_brightness: Share | None": "Least mean brightness, from 0 (black) to 1 (white).",
    "max_brightness: Share | None": "Greatest mean brightness, from 0 (black) to 1 (white).",
    "min_uniformity: Share | None": "Least share of the commonest colour, 0 to 1.",
    "max_uniformity: Share | None": "Greatest share of the commonest colour, 0 to 1.",
    "rights: RightsPolicy | None": "Policy about wishes that concern use in AI; null for that of"
    " the crawl that brought each image.",
    "respect_robots: bool | None": "Whether robots.txt is heeded; null for what the crawl that"
    " brought each image did.",
    "filter: dict[str, JsonValue]": "Filter that chose the images, empty for all of them.",
    # Uploads
    "upload_url: str": "Signed address to PUT the file to; whoever has it may do so.",
    "method: Literal['PUT']": "HTTP method to send the file with.",
    "headers: dict[str, str]": "Headers that the request must carry, just as they are.",
    "expires_at: Time": "Time until which `upload_url` works.",
    "expires_at: Time | None": "Time from which it works no longer; null where there is no end.",
    # Models
    "analyzer: str": "Analyzer that is asked: `basic`, `gemini`, or `model:` and a model's id.",
    "model_version: str | None": "Version of the analyzer that does it, of a registered model its"
    " number; null until it is known.",
    "model_type: ModelType": "Kind of program that the model was made with.",
    "ready: bool": "True where it can predict.",
    "prediction_count: int": "Number of predictions that were asked for.",
    "failed_predictions: int": "Number of those that failed.",
    "avg_inference_time_ms: float | None": "Mean time that the model took, in milliseconds; null"
    " where no prediction was timed.",
    "p95_inference_time_ms: float | None": "Milliseconds that 95 of 100 predictions did not exceed;"
    " null where none was timed.",
    # Webhooks and keys
    "secret: str": "Key of the signatures (`whsec_…`), to be kept where receivers verify them.",
    "prefix: str": "First characters of the key, by which its owner knows it.",
    # Pages
    "limit: Annotated[int, Field(ge=1, le=200)]": "Items of the page, at most.",
    "next_cursor: str | None": "`cursor` of the page that follows; null on the last one.",
}
