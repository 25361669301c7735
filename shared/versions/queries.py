"""Versions: which images one is made of, and what it holds."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from shared.images.queries import filter_images
from shared.images.selection import original, select_dataset_images
from shared.models import DatasetVersion, Image, ImageAnalysis, VersionImage
from shared.schemas.versions import MissingImage, VersionDetail, VersionFilter

_NAMED = 100
# Applied by the selection of a dataset, not as conditions of their own.
_BY_SELECTION = {"crawl_job_id", "valid", "duplicate", "rejected", "status", "label"}


def select_version_images(project_id: UUID, filters: VersionFilter) -> Select[Image, Image]:
    """Select the images that a version is to hold, as (entry, original)."""
    others = filters.model_copy(update=dict.fromkeys(_BY_SELECTION))
    statement = select_dataset_images(
        project_id,
        filters.crawl_job_id,
        with_invalid=filters.valid is False,
        with_duplicates=filters.duplicate is True,
    ).where(*filter_images(others))
    conditions: list[ColumnElement[bool]] = []
    if filters.valid is False:
        conditions.append(~Image.is_valid)
    if filters.duplicate is True:
        conditions.append(Image.is_duplicate.is_(True))
    if filters.label is not None:
        conditions.append(func.coalesce(Image.label, original().label) == filters.label)
    if filters.license is not None:
        conditions.append(Image.license == filters.license)
    if filters.analyzer is not None or filters.analysis_label is not None:
        conditions.append(_is_analysed(filters))
    return statement.where(*conditions)


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


def select_changes(
    before: UUID, after: UUID, position: tuple[bytes, int] | None
) -> Select[*tuple[Any, ...]]:
    """Select what two versions hold differently, in the order of contents and copies of one.

    As (sha256, copy, image_id before, image_id after, columns before, columns after), behind a
    `position` of the first two. Versions of different projects are compared by content, too.
    """
    sides = [
        _number_copies(version, name, position) for version, name in ((before, "a"), (after, "b"))
    ]
    old, new = sides
    joined = old.join(new, (old.c.sha256 == new.c.sha256) & (old.c.copy == new.c.copy), full=True)
    sha256 = func.coalesce(old.c.sha256, new.c.sha256).label("sha256")
    copy = func.coalesce(old.c.copy, new.c.copy).label("copy")
    changed = [old.c[name].is_distinct_from(new.c[name]) for name in _COLUMNS]
    differing = old.c.sha256.is_(None) | new.c.sha256.is_(None)
    for one in changed:
        differing |= one
    statement = (
        select(
            sha256,
            copy,
            old.c.image_id.label("old_id"),
            new.c.image_id.label("new_id"),
            *(old.c[name].label(f"old_{name}") for name in _COLUMNS),
            *(new.c[name].label(f"new_{name}") for name in _COLUMNS),
        )
        .select_from(joined)
        .where(differing)
        .order_by(sha256, copy)
    )
    if position is None:
        return statement
    return statement.where(
        (sha256 > position[0]) | ((sha256 == position[0]) & (copy > position[1]))
    )


_COLUMNS = ("label", "caption", "split", "license", "attribution", "rights")


def _number_copies(version_id: UUID, name: str, position: tuple[bytes, int] | None) -> Any:
    """Select a version's images with the number of each among those of the same content."""
    copy = func.row_number().over(partition_by=VersionImage.sha256, order_by=VersionImage.image_id)
    statement = select(VersionImage, copy.label("copy")).where(
        VersionImage.version_id == version_id
    )
    if position is not None:
        statement = statement.where(VersionImage.sha256 >= position[0])
    return statement.subquery(name)
