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
"""Rule of a validation."""

_Ratio = Annotated[float, Field(gt=0, le=1_000_000)]
_RANGES = ("width", "height", "bytes", "aspect_ratio", "brightness")


_Format = Annotated[
    str,
    Fits(r"[A-Za-z0-9]{2,10}", "must be the name of a format such as jpeg"),
    AfterValidator(format_name),
]


class Rules(Input):
    """The rules that make an image valid; a rule that is absent or null is not checked."""

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
    """Formats that are valid, such as `jpeg`."""
    min_aspect_ratio: _Ratio | None = None
    """Least width / height."""
    max_aspect_ratio: _Ratio | None = None
    """Greatest width / height."""
    min_sharpness: Measure | None = None
    min_brightness: Share | None = None
    max_brightness: Share | None = None
    max_uniformity: Share | None = None
    allow_animated: bool = True
    """Whether images with more than one frame are valid."""
    allow_grayscale: bool = True
    """Whether images without colour channels are valid."""
    require_license: bool = False
    """Whether images without a known licence are invalid."""
    near_duplicate_distance: NearDuplicateDistance | None = None
    """Differing bits of 64 between perceptual hashes, up to which the later of two images is
    invalid.
    """

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
    """Rules that the images are judged by."""


class ValidationJobRead(Read):
    """A validation job; duplicates are judged too, and counted apart."""

    id: UUID
    crawl_job_id: UUID
    name: str
    status: JobStatus
    progress: int
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
    validation_rules: dict[str, JsonValue]
    """Rules as they were sent."""
    error: str | None
    created_at: Time
    updated_at: Time


class ValidationResultQuery(ListQuery):
    """Filters of a validation job's results."""

    valid: bool | None = None
    """Only verdicts on valid images (true) or on invalid ones (false); both without it."""


class Violation(Read):
    """One rule that an image breaks: what the rule allows and what the image has."""

    rule: RuleName
    """Rule that is broken."""
    limit: JsonValue
    """What the rule allows."""
    actual: JsonValue
    """What the image has; null where it is not known."""


class ValidationResultRead(Read):
    """The verdict on one image."""

    image_id: UUID
    is_valid: bool
    """True where it breaks no rule."""
    violations: list[Violation]
