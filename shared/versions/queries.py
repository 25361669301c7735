"""Versions: which images one is made of, and what it holds."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import Session

from shared.images.filters import filter_entries, filter_measures
from shared.images.queries import extract_host
from shared.images.selection import original, select_dataset_images
from shared.models import DatasetVersion, Image, ImageAnalysis, VersionImage
from shared.schemas.versions import MissingImage, VersionDetail, VersionFilter
from shared.states import LIVE

NOTHING = (
    "No image passes the filter, and a version of nothing cannot be made. Widen the filter, or "
    "wait until crawls and validations have ended."
)
_NAMED = 100


def select_version_images(project_id: UUID, filters: VersionFilter) -> Select[Image, Image]:
    """Select the images that a version is to hold, as (entry, original)."""
    statement = select_dataset_images(
        project_id,
        filters.crawl_job_id,
        with_invalid=filters.valid is False,
        with_duplicates=filters.duplicate is True,
    ).where(*filter_entries(filters))
    conditions: list[ColumnElement[bool]] = []
    if filters.valid is False:
        conditions.append(~Image.is_valid)
    if filters.duplicate is True:
        conditions.append(Image.is_duplicate.is_(True))
    label = func.coalesce(Image.label, original().label)
    if filters.label is not None:
        conditions.append(label == filters.label)
    if filters.unlabelled is not None:
        conditions.append(label.is_(None) if filters.unlabelled else label.is_not(None))
    conditions += _test_files(filters)
    if filters.analyzer is not None or filters.analysis_label is not None:
        conditions.append(_is_analysed(filters))
    return statement.where(*conditions)


def _test_files(filters: VersionFilter) -> list[ColumnElement[bool]]:
    """Return conditions of what the version keeps of an image: its file, its licence and origin."""
    kept = original()
    conditions = filter_measures(filters, kept)
    if filters.format is not None:
        conditions.append(kept.format == filters.format)
    # As they are frozen: of the entry where it has the same bytes, else of the original.
    is_source = Image.sha256 == kept.sha256
    if filters.license is not None:
        conditions.append(case((is_source, Image.license), else_=kept.license) == filters.license)
    if filters.host is not None:
        source = case((is_source, Image.original_url), else_=kept.original_url)
        conditions.append(extract_host(source) == filters.host)
    return conditions


def _is_analysed(filters: VersionFilter) -> ColumnElement[bool]:
    conditions = [
        ImageAnalysis.image_id == original().id,
        ImageAnalysis.status == "completed",
    ]
    if filters.analyzer is not None:
        conditions.append(ImageAnalysis.analyzer == filters.analyzer)
    if filters.analysis_label is not None:
        conditions.append(ImageAnalysis.labels.contains([{"name": filters.analysis_label}]))
    return exists().where(*conditions)


def read_version_detail(session: Session, version: DatasetVersion) -> VersionDetail:
    """Return the version as its owner sees it, with the number of images that are gone."""
    if version.status != "completed":  # asked for again and again until then
        return VersionDetail.of(version, missing_images=0, missing=[])
    is_there = exists().where(Image.id == VersionImage.image_id, Image.status == "completed")
    missing = select(VersionImage).where(VersionImage.version_id == version.id, ~is_there)
    count = session.scalar(missing.with_only_columns(func.count())) or 0
    named = missing.order_by(VersionImage.image_id).limit(_NAMED)
    return VersionDetail.of(
        version,
        missing_images=count,
        missing=[
            MissingImage(image_id=one.image_id, sha256=one.sha256.hex())
            for one in (session.scalars(named) if count else ())
        ],
    )


def explain_lack(version: DatasetVersion) -> str | None:
    """Return why a version cannot be exported or compared, None where it can."""
    if version.status in LIVE:
        return f"The version {version.name} is {version.status}; wait until it is completed."
    if version.status != "completed":
        return f"The version {version.name} has {version.status}: {version.error}"
    if "name" not in version.card:
        return (
            f"An earlier release froze the version {version.name}, and kept less than is asked of "
            "it today. Create a new one with its filter."
        )
    return None
