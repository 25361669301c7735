"""Images, uploads and variants."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    JsonValue,
    model_validator,
)

from shared.imaging.limits import ImageFormat
from shared.imaging.variants import Variant
from shared.schemas.analyses import AnalysisRead
from shared.schemas.fields import (
    Bytes,
    Color,
    Fits,
    Id,
    Key,
    Measure,
    Name,
    PerceptualHash,
    Pixels,
    Share,
    Text,
    Time,
    format_name,
    make_refusal,
)
from shared.schemas.kinds import Input, ListQuery, Query, Read
from shared.schemas.validations import Violation
from shared.schemas.variants import RequestedVariant

ImageStatus = Literal["processing", "completed", "failed"]
"""State of an image: `processing` until its content is there, then `completed`, or `failed`."""


class ImageFilters(BaseModel):
    """Conditions for a project's images, all of which hold; None is no condition."""

    crawl_job_id: Id | None = None
    """Only images of this crawl job."""
    status: ImageStatus | None = None
    """Only images in this state."""
    valid: bool | None = None
    duplicate: bool | None = None
    """Only duplicates (true) or originals (false); both without it."""
    duplicate_of: Id | None = None
    """Only duplicates of this image."""
    rejected: bool | None = None
    """Only rejected images (true) or the others (false); both without it."""
    label: Name | None = None
    """Only images of this class, written alike."""
    unlabelled: bool | None = None
    """Only images without a label (true) or with one (false); both without it."""
    license: Name | None = None
    """Only images under this licence, written alike."""
    host: Annotated[Name, AfterValidator(str.lower)] | None = None
    """Only images whose original address is on this host, in any case."""
    format: Annotated[ImageFormat, BeforeValidator(format_name)] | None = None
    """Only images of this format."""
    min_width: Pixels | None = None
    max_width: Pixels | None = None
    min_height: Pixels | None = None
    max_height: Pixels | None = None
    min_bytes: Bytes | None = None
    max_bytes: Bytes | None = None
    min_sharpness: Measure | None = None
    max_sharpness: Measure | None = None
    min_brightness: Share | None = None
    max_brightness: Share | None = None
    min_uniformity: Share | None = None
    max_uniformity: Share | None = None
    text: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    """Words that all stand in the label, caption, file name or original address; the first eight
    count, in any case, also as parts of words.
    """
    analyzer: Annotated[Text, Field(min_length=1, max_length=100)] | None = None
    """Only images with a completed analysis by it: `basic`, `gemini`, or `model:` and a model's id.
    """
    analysis_label: Name | None = None
    """Only images of which an analysis gave this label."""


class StoredImageFilters(ImageFilters):
    """Conditions for images as they are now.

    `analysis_label` is a label that the latest analysis gave, by the `analyzer` or, without it, by
    any.
    """

    reason: Annotated[str, Fits(r"[a-z0-9_]{1,40}", "must be a kind of failure")] | None = None
    """Only images that failed for this reason, with which `failure_reason` begins."""
    version_id: Id | None = None
    """Only images of this version of the dataset."""
    split: Key | None = None
    """Only images of this split of the version `version_id`, as it was frozen."""

    @model_validator(mode="after")
    def _check_split(self) -> Self:
        if self.split is not None and self.version_id is None:
            raise make_refusal("needs version_id: the version whose split it is", "split")
        return self


class ImageQuery(StoredImageFilters, ListQuery):
    """Filters of a project's images."""

    thumbnails: bool = False
    """True signs `thumbnail_url`, which browsers can show for some minutes."""


class AnchorQuery(StoredImageFilters, Query):
    """Filters of a project's images, and how many stand between two anchors."""

    every: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Images of a page."""


class ImageFilter(StoredImageFilters, Input):
    """Filters that choose images of a project: those that pass all of them."""

    @model_validator(mode="after")
    def _check_filters(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise make_refusal("must name at least one filter")
        return self


class ImageAnchors(Read):
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


class ImageRead(Read):
    """An image."""

    id: UUID
    project_id: UUID
    crawl_job_id: UUID | None
    """Crawl job that brought it; null for an upload."""
    user_id: UUID
    original_url: str | None
    """Address that it was taken from; null for an upload."""
    file_name: str | None
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
    phash: PerceptualHash | None
    """Perceptual hash of 64 bits as 16 hexadecimal digits; null until it is decoded."""
    color: Color | None
    """Mean colour of the picture as it shows, such as `#8a6f4c`; null where it was not kept."""
    label: str | None
    caption: str | None
    license: str | None
    attribution: str | None
    creator: str | None
    """Person who made it, as the file says; null where it does not."""
    source_page: str | None
    """Page that shows or describes it; null where none is known."""
    is_valid: bool
    """False once it failed, or broke a rule of its latest validation."""
    is_duplicate: bool
    """True while the project has another image of the same content or looks, which is kept for it.
    """
    duplicate_of: UUID | None
    """Original that is kept for it; null where it is none's duplicate."""
    failure_reason: str | None
    processed_path: str | None
    """Name of its thumbnail's object in the bucket; null until there is one."""
    rejected: bool
    """True while it is kept out of exports, and its content out of later crawls."""
    reject_reason: str | None
    """Why it is rejected, for a person; null where nobody said."""
    rejected_with: UUID | None
    """Rejected image that it equals or looks like; null where a person rejected it itself, or
    nobody did.
    """
    metadata: dict[str, JsonValue] = Field(validation_alias="metadata_")
    """Further facts from its source; any JSON, up to 8 KiB."""
    created_at: Time
    updated_at: Time


VariantRequestStatus = Literal["pending", "failed"]
"""State of a variant that is not there: to be made yet, or not to be made."""


class ListedImage(ImageRead):
    """An image of a list."""

    thumbnail_url: str | None = Field(repr=False)
    """Signed address of its thumbnail; null where it was not asked for or there is none."""


class VariantRead(Read):
    """A stored variant of an image."""

    name: str
    """Name of the variant, such as `thumbnail`."""
    spec: dict[str, JsonValue]
    width: int
    """Width in pixels."""
    height: int
    """Height in pixels."""
    file_size: int
    """Size in bytes."""


class VariantRequest(Read):
    """A variant that was asked for, not made yet or, with the reason, not to be made."""

    name: str
    """Name of the variant."""
    spec: dict[str, JsonValue]
    status: VariantRequestStatus
    """Whether it is to be made yet."""
    failure_reason: str | None
    """Why it cannot be made, for a person; null while it is pending."""


class ImageValidation(Read):
    """An image's latest verdict."""

    validation_job_id: UUID
    """Validation that judged it."""
    is_valid: bool
    """True where it broke no rule."""
    violations: list[Violation]


class ImageDetail(ImageRead):
    """An image with its variants, its latest verdict and the latest analysis of each analyzer."""

    thumbnail_url: str | None = Field(repr=False)
    """Signed address of its thumbnail; null where it was not asked for or there is none."""
    content_url: str | None = Field(repr=False)
    """Signed address of its bytes; null where it was not asked for or there are none."""
    variants: list[VariantRead]
    """Variants that are stored, by name."""
    variant_requests: list[VariantRequest]
    """Variants that were asked for by hand and are not there."""
    validation: ImageValidation | None
    """Latest verdict; null before the first."""
    analyses: list[AnalysisRead]
    """Latest completed analysis of each analyzer."""


def _check_names(variants: list[Variant]) -> list[Variant]:
    if len({variant.name for variant in variants}) < len(variants):
        raise make_refusal("must not contain the same name twice")
    return variants


class VariantsCreate(Input):
    """Variants that the caller wants of an image."""

    variants: Annotated[
        list[RequestedVariant], Field(min_length=1, max_length=20), AfterValidator(_check_names)
    ]
    """Specifications of the variants, with different names."""


class DetailQuery(Query):
    """Parameters of one image."""

    thumbnails: bool = False
    """True signs `thumbnail_url` and `content_url`, which browsers can show for some minutes."""


class ContentQuery(Query):
    """The variant to fetch; none means the original."""

    variant: Key | None = None
    """Name of the variant; the original where it is left out."""


class SimilarQuery(Query):
    """Limits of distance and number."""

    max_distance: Annotated[int, Field(ge=0, le=64)] = 10
    """Differing bits of 64, at most: 0 for what looks the same."""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    """Number of images, at most."""


class SimilarImage(ImageRead):
    """An image with its perceptual distance to the one that was asked for."""

    distance: int
    """Differing bits of 64 between the two perceptual hashes."""
