"""Validation jobs, their rules and results."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, JsonValue, model_validator

from shared.schemas.fields import (
    Bytes,
    Fits,
    JobStatus,
    Measure,
    Name,
    NearDuplicateDistance,
    Pixels,
    Share,
    Time,
    check_unique,
    format_name,
    make_refusal,
)
from shared.schemas.kinds import Input, ListQuery, Read

RuleName = Literal[
    "min_width",
    "min_height",
    "max_width",
    "max_height",
    "min_bytes",
    "max_bytes",
    "allowed_formats",
    "min_aspect_ratio",
    "max_aspect_ratio",
    "min_sharpness",
    "min_brightness",
    "max_brightness",
    "max_uniformity",
    "allow_animated",
    "allow_grayscale",
    "require_license",
    "near_duplicate_distance",
]

_Ratio = Annotated[float, Field(gt=0, le=1_000_000)]
_RANGES = ("width", "height", "bytes", "aspect_ratio", "brightness")


_Format = Annotated[
    str,
    Fits(r"[A-Za-z0-9]{2,10}", "must be the name of a format such as jpeg"),
    AfterValidator(format_name),
]


class Rules(Input):
    """The rules that make an image valid; a rule that is absent or null is not checked.

    Sizes in pixels and bytes, aspect ratio = width / height, brightness from 0 (black) to 1
    (white), `max_uniformity` the largest share (0–1) of the commonest colour,
    `near_duplicate_distance` the number of differing bits of 64 up to which the later of two images
    is its near duplicate. Store `model_dump(exclude_defaults=True)`.
    """

    min_width: Pixels | None = None
    min_height: Pixels | None = None
    max_width: Pixels | None = None
    max_height: Pixels | None = None
    min_bytes: Bytes | None = None
    max_bytes: Bytes | None = None
    allowed_formats: (
        Annotated[list[_Format], Field(min_length=1, max_length=20), AfterValidator(check_unique)]
        | None
    ) = None
    min_aspect_ratio: _Ratio | None = None
    max_aspect_ratio: _Ratio | None = None
    min_sharpness: Measure | None = None
    min_brightness: Share | None = None
    max_brightness: Share | None = None
    max_uniformity: Share | None = None
    allow_animated: bool = True
    allow_grayscale: bool = True
    require_license: bool = False
    near_duplicate_distance: NearDuplicateDistance | None = None

    @model_validator(mode="after")
    def _check_ranges(self) -> Self:
        for measure in _RANGES:
            low = getattr(self, f"min_{measure}")
            high = getattr(self, f"max_{measure}")
            if low is not None and high is not None and low > high:
                raise make_refusal(f"must not be greater than max_{measure}", f"min_{measure}")
        return self


class ValidationJobCreate(Input):
    """A new validation job."""

    name: Name
    rules: Rules


class ValidationJobRead(Read):
    """A validation job; `validation_rules` are the rules as they were sent.

    Total, validated and invalid images are originals. Duplicates are judged too, and counted apart:
    `duplicate_images`, of which `invalid_duplicates` break a rule.
    """

    id: UUID
    crawl_job_id: UUID
    name: str
    status: JobStatus
    progress: int
    total_images: int
    validated_images: int
    invalid_images: int
    duplicate_images: int
    invalid_duplicates: int
    validation_rules: dict[str, JsonValue]
    error: str | None
    created_at: Time
    updated_at: Time


class ValidationResultQuery(ListQuery):
    """Filters of a validation job's results."""

    valid: bool | None = None


class Violation(Read):
    """One rule that an image breaks: what the rule allows and what the image has."""

    rule: RuleName
    limit: JsonValue
    actual: JsonValue


class ValidationResultRead(Read):
    """The verdict on one image."""

    image_id: UUID
    is_valid: bool
    violations: list[Violation]
