"""Counts, histograms and previews of many images at once."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.schemas.images import ImageFilter, StoredImageFilters
from shared.schemas.kinds import Input, Query, Read
from shared.schemas.validations import RuleName, Rules

HistogramScale = Literal["linear", "log"]
"""Scale of a histogram: bars of one width, or each some times as wide as the one before."""


class FacetQuery(StoredImageFilters, Query):
    """Filters of a project's images."""


class MeasureQuery(StoredImageFilters, Query):
    """Filters of a project's images, and the bars of their histograms."""

    bins: Annotated[int, Field(ge=1, le=200)] = 40
    """Bars of a histogram."""


class LabelCount(Read):
    """Images that have a text in common; null are those that have none."""

    value: str | None
    """Text that the images have in common; null for those without one."""
    count: int


class FlagCount(Read):
    """Images that have a flag in common."""

    value: bool
    """Value that the images have in common."""
    count: int


class ImageFacets(Read):
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


class MeasureHistogram(Read):
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


class ImageMeasures(Read):
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


class ValidationPreviewCreate(Input):
    """Rules to try on all stored images of a project, or on those that pass a filter."""

    rules: Rules
    """Rules to try."""
    filter: ImageFilter | None = None
    """Filter of the images; all of the project where it is left out."""


class ValidationPreviewRead(Read):
    """Numbers of images that the rules would find invalid now; nothing is written.

    `by_rule` has each rule that was sent; an image may break several. `examples` are the newest
    50 invalid images. `not_counted` names rules that a preview leaves out.
    """

    total: int
    """Number of images that the rules were tried on."""
    invalid: int
    """Number of these that break a rule."""
    by_rule: dict[RuleName, int]
    """Number of images by the rule that they break; an image may break several."""
    not_counted: list[RuleName]
    """Rules that a preview leaves out."""
    examples: list[UUID]
    """The newest 50 invalid images."""
