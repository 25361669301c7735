"""Counts, histograms and previews of many images at once."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.schemas.images import ImageFilter, StoredImageFilters
from shared.schemas.kinds import Input, Query, Read
from shared.schemas.validations import RuleName, Rules


class FacetQuery(StoredImageFilters, Query):
    """Filters of a project's images."""


class MeasureQuery(StoredImageFilters, Query):
    """Filters of a project's images, and the bars of their histograms."""

    bins: Annotated[int, Field(ge=1, le=200)] = 40


class LabelCount(Read):
    """Images that have a text in common; null are those that have none."""

    value: str | None
    count: int


class FlagCount(Read):
    """Images that have a flag in common."""

    value: bool
    count: int


class ImageFacets(Read):
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


class MeasureHistogram(Read):
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


class ImageMeasures(Read):
    """Histograms of a project's images; `bytes` is the file's size, sides are pixels."""

    total: int
    width: MeasureHistogram
    height: MeasureHistogram
    aspect_ratio: MeasureHistogram
    bytes: MeasureHistogram
    sharpness: MeasureHistogram
    brightness: MeasureHistogram
    uniformity: MeasureHistogram


class ValidationPreviewCreate(Input):
    """Rules to try on all stored images of a project, or on those that pass a filter."""

    rules: Rules
    filter: ImageFilter | None = None


class ValidationPreviewRead(Read):
    """Numbers of images that the rules would find invalid now; nothing is written.

    `by_rule` has each rule that was sent; an image may break several. `examples` are the newest
    50 invalid images. `not_counted` names rules that a preview leaves out.
    """

    total: int
    invalid: int
    by_rule: dict[RuleName, int]
    not_counted: list[RuleName]
    examples: list[UUID]
