"""Images, uploads and variants."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    MISSING,
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
    Description,
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
from shared.schemas.kinds import Input, ListQuery, Query, Read, Update
from shared.schemas.validations import Violation
from shared.schemas.variants import RequestedVariant

ImageStatus = Literal["processing", "completed", "failed"]

MAX_UPLOAD_BYTES = 100 * 1024 * 1024


class UploadCreate(Input):
    """An image that the caller wants to send straight to the bucket."""

    file_name: Name
    content_type: Annotated[
        str,
        Fits(
            r"image/[a-z0-9][a-z0-9.+-]{0,50}", "must be an image's media type such as image/jpeg"
        ),
    ]
    size: Annotated[int, Field(ge=1, le=MAX_UPLOAD_BYTES)]
    label: Name | None = None
    caption: Description | None = None
    license: Name | None = None
    attribution: Name | None = None


class UploadRead(Read):
    """The address to which the image is sent, and how; its arrival does the rest."""

    image_id: UUID
    upload_url: str = Field(repr=False)
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: Time


class ImageFilters(BaseModel):
    """Conditions for a project's images, all of which hold; None is no condition.

    `unlabelled` is about the label, `host` that of the original address, in lower case.
    """

    crawl_job_id: Id | None = None
    status: ImageStatus | None = None
    valid: bool | None = None
    duplicate: bool | None = None
    duplicate_of: Id | None = None
    rejected: bool | None = None
    label: Name | None = None
    unlabelled: bool | None = None
    license: Name | None = None
    host: Annotated[Name, AfterValidator(str.lower)] | None = None
    format: Annotated[ImageFormat, BeforeValidator(format_name)] | None = None
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
    text: Annotated[Text, Field(min_length=1, max_length=200)] | None = Field(
        default=None,
        description="Words that all stand in the label, caption, file name or original address; "
        "the first eight count, in any case, also as parts of words.",
    )
    analyzer: Annotated[Text, Field(min_length=1, max_length=100)] | None = None
    analysis_label: Name | None = None


class StoredImageFilters(ImageFilters):
    """Conditions for images as they are now.

    `analysis_label` is a label that the latest analysis gave, by the `analyzer` or, without it, by
    any. `reason` is the kind of failure that `failure_reason` begins with. `split` is one of the
    version `version_id`, as it was frozen.
    """

    reason: Annotated[str, Fits(r"[a-z0-9_]{1,40}", "must be a kind of failure")] | None = None
    version_id: Id | None = None
    split: Key | None = None

    @model_validator(mode="after")
    def _check_split(self) -> Self:
        if self.split is not None and self.version_id is None:
            raise make_refusal("needs version_id: the version whose split it is", "split")
        return self


class ImageQuery(StoredImageFilters, ListQuery):
    """Filters of a project's images."""


class AnchorQuery(StoredImageFilters, Query):
    """Filters of a project's images, and how many stand between two anchors."""

    every: Annotated[int, Field(ge=1, le=10_000, description="Images of a page.")] = 200


class ImageFilter(StoredImageFilters, Input):
    """Filters that choose images of a project: those that pass all of them."""

    @model_validator(mode="after")
    def _check_filters(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise make_refusal("must name at least one filter")
        return self


class ImageUpdate(Update):
    """Changes to what people say about an image."""

    label: Name | MISSING | None = MISSING
    caption: Description | MISSING | None = MISSING
    rejected: bool | MISSING = MISSING
    reject_reason: Description | MISSING | None = MISSING

    @model_validator(mode="after")
    def _check_reason(self) -> Self:
        if self.rejected is False and self.reject_reason not in (MISSING, None):
            raise make_refusal("must be absent where the rejection is taken back", "reject_reason")
        return self


class ImagesUpdate(Input):
    """The same change to many images of a project: to those listed, or those that pass a filter."""

    image_ids: Annotated[list[Id], Field(min_length=1, max_length=10_000)] | None = None
    filter: ImageFilter | None = None
    set: ImageUpdate

    @model_validator(mode="after")
    def _check_change(self) -> Self:
        if (self.image_ids is None) == (self.filter is None):
            raise make_refusal("must have either image_ids or filter")
        if not self.set.get_changes():
            raise make_refusal("must change something", "set")
        return self


class ImagesChanged(Read):
    """The number of images that a call changed; with `remaining`, repeat it to change more."""

    changed: int
    remaining: bool


class ImageAnchors(Read):
    """Cursors of a list of images, so that a reader may begin anywhere.

    `cursors[k]` is the cursor of page k of `every` images, null for the first. Where `complete` is
    false there are more images than `count`, to which no cursor leads.
    """

    count: int
    every: int
    complete: bool
    cursors: list[str | None]


class ImageRead(Read):
    """An image; `phash` is the 64-bit perceptual hash as 16 hex digits.

    `color` is the mean colour of the picture as it shows, such as `#8a6f4c`; null for images that
    were stored before this was kept.
    """

    id: UUID
    project_id: UUID
    crawl_job_id: UUID | None
    user_id: UUID
    original_url: str | None
    file_name: str | None
    status: ImageStatus
    mime_type: str | None
    file_size: int | None
    width: int | None
    height: int | None
    format: str | None
    sha256: str | None
    phash: PerceptualHash | None
    color: Color | None
    label: str | None
    caption: str | None
    license: str | None
    attribution: str | None
    creator: str | None
    source_page: str | None
    is_valid: bool
    is_duplicate: bool
    duplicate_of: UUID | None
    failure_reason: str | None
    processed_path: str | None
    rejected: bool
    reject_reason: str | None
    rejected_with: UUID | None
    metadata: dict[str, JsonValue] = Field(validation_alias="metadata_")
    created_at: Time
    updated_at: Time


class VariantRead(Read):
    """A stored variant of an image."""

    name: str
    spec: dict[str, JsonValue]
    width: int
    height: int
    file_size: int


class VariantRequest(Read):
    """A variant that was asked for, not made yet or, with the reason, not to be made."""

    name: str
    spec: dict[str, JsonValue]
    status: Literal["pending", "failed"]
    failure_reason: str | None


class ImageValidation(Read):
    """An image's latest verdict."""

    validation_job_id: UUID
    is_valid: bool
    violations: list[Violation]


class ImageDetail(ImageRead):
    """An image with its variants, its latest verdict and the latest analysis of each analyzer."""

    variants: list[VariantRead]
    variant_requests: list[VariantRequest]
    validation: ImageValidation | None
    analyses: list[AnalysisRead]


def _check_names(variants: list[Variant]) -> list[Variant]:
    if len({variant.name for variant in variants}) < len(variants):
        raise make_refusal("must not contain the same name twice")
    return variants


class VariantsCreate(Input):
    """Variants that the caller wants of an image."""

    variants: Annotated[
        list[RequestedVariant], Field(min_length=1, max_length=20), AfterValidator(_check_names)
    ]


class ContentQuery(Query):
    """The variant to fetch; none means the original."""

    variant: Key | None = None


class SimilarQuery(Query):
    """Limits of distance and number; the distance is the number of differing bits of 64."""

    max_distance: Annotated[int, Field(ge=0, le=64)] = 10
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class SimilarImage(ImageRead):
    """An image with its perceptual distance to the one that was asked for."""

    distance: int
