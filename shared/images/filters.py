"""Filters of images as conditions in SQL."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from shared.images.queries import extract_host
from shared.models import Image, ImageAnalysis, VersionImage
from shared.schemas.images import ImageFilters, StoredImageFilters

_WORDS = 8  # of a text to look for
# What a failure reason begins with; there are sentences without a kind, of failures of ours.
_KIND = "^([a-z0-9_]+):"
OTHER_REASON = "other"


def filter_images(filters: StoredImageFilters) -> list[ColumnElement[bool]]:
    """Return the conditions that a caller sets for images."""
    return [condition for _, condition in list_conditions(filters)]


def list_conditions(
    filters: StoredImageFilters,
) -> Iterator[tuple[str, ColumnElement[bool]]]:
    """Yield conditions for images, each with the name of the property that it is about.

    What depends on several filters or on a part of a property goes by the name `other`.
    """
    for name, column, value in (
        ("status", Image.status, filters.status),
        ("label", Image.label, filters.label),
        ("format", Image.format, filters.format),
        ("license", Image.license, filters.license),
        ("host", extract_host(Image.original_url), filters.host),
        ("reason", extract_reason(), filters.reason),
        ("other", Image.crawl_job_id, filters.crawl_job_id),
    ):
        if value is not None:
            yield name, column == value
    for name, flag, wanted in (
        ("valid", Image.is_valid, filters.valid),
        ("duplicate", Image.is_duplicate, filters.duplicate),
        ("rejected", Image.rejected, filters.rejected),
    ):
        if wanted is not None:
            # Written as the partial indexes are, so that they serve the rarer answer.
            yield name, flag.is_(True) if wanted else ~flag
    if filters.unlabelled is not None:
        yield "label", Image.label.is_(None) if filters.unlabelled else Image.label.is_not(None)
    for condition in (*filter_entries(filters), *filter_measures(filters, Image)):
        yield "other", condition
    if filters.analyzer is not None or filters.analysis_label is not None:
        yield "other", _is_analysed(filters)
    if filters.version_id is not None:
        yield "other", _is_held(filters)


def filter_entries(filters: ImageFilters) -> list[ColumnElement[bool]]:
    """Return conditions of what a source said about an image, and of its place."""
    conditions: list[ColumnElement[bool]] = []
    if filters.duplicate_of is not None:
        conditions.append(Image.duplicate_of == filters.duplicate_of)
    if filters.text is not None:
        said = (Image.label, Image.caption, Image.file_name, Image.original_url)
        conditions += [
            or_(*(column.icontains(word, autoescape=True) for column in said))
            for word in filters.text.split()[:_WORDS]
        ]
    return conditions


def filter_measures(filters: ImageFilters, file: type[Image]) -> list[ColumnElement[bool]]:
    """Return the conditions for the measures of a file: of `Image` itself or an alias of it."""
    conditions: list[ColumnElement[bool]] = []
    for measure, least, most in (
        (file.width, filters.min_width, filters.max_width),
        (file.height, filters.min_height, filters.max_height),
        (file.file_size, filters.min_bytes, filters.max_bytes),
        (file.sharpness, filters.min_sharpness, filters.max_sharpness),
        (file.brightness, filters.min_brightness, filters.max_brightness),
        (file.uniformity, filters.min_uniformity, filters.max_uniformity),
    ):
        if least is not None:
            conditions.append(measure >= least)
        if most is not None:
            conditions.append(measure <= most)
    return conditions


def extract_reason() -> ColumnElement[Any]:
    """Return SQL for the kind of an image's failure; NULL where it has not failed."""
    kind = func.coalesce(func.substring(Image.failure_reason, _KIND), literal(OTHER_REASON))
    return case((Image.failure_reason.is_not(None), kind))


def _is_analysed(filters: ImageFilters) -> ColumnElement[bool]:
    """Return SQL for: an analyzer's latest analysis has the label, or there is one.

    As a value of each image: joined, it would be found among the analyses of everybody.
    """
    latest = (
        select(ImageAnalysis.labels)
        .where(ImageAnalysis.image_id == Image.id, ImageAnalysis.status == "completed")
        .correlate(Image)
    )
    if filters.analyzer is not None:
        by = ImageAnalysis.analyzer == filters.analyzer
        latest = latest.where(by).order_by(ImageAnalysis.id.desc()).limit(1)
    else:
        latest = latest.ext(distinct_on(ImageAnalysis.analyzer)).order_by(
            ImageAnalysis.analyzer, ImageAnalysis.id.desc()
        )
    found = latest.subquery()
    fits: ColumnElement[bool] = literal(True)
    if filters.analysis_label is not None:
        label = func.jsonb_build_object("name", filters.analysis_label)
        fits = found.c.labels.op("@>", is_comparison=True)(func.jsonb_build_array(label))
    return func.coalesce(select(func.bool_or(fits)).select_from(found).scalar_subquery(), False)


def _is_held(filters: StoredImageFilters) -> ColumnElement[bool]:
    held = select(VersionImage.image_id).where(VersionImage.version_id == filters.version_id)
    if filters.split is not None:
        held = held.where(VersionImage.split == filters.split)
    return Image.id.in_(held)
