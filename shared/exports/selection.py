"""Selects the images of an export, with the variant that it is to hold."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, false, select
from sqlalchemy.orm import InstrumentedAttribute

from shared.images.selection import original, select_dataset_images
from shared.models import ExportJob, Image, ImageVariant, VersionImage
from shared.schemas.exports import ExportOptions


def select_job_images(job: ExportJob, options: ExportOptions) -> Select[*tuple[Any, ...]]:
    """Select the images of an export job, by its version where it is of one."""
    if job.version_id is not None:
        return select_frozen_images(job.version_id, options)
    return select_images(job.project_id, job.crawl_job_id, options)


def get_position(version_id: UUID | None) -> InstrumentedAttribute[UUID]:
    """Return the column by which the images of an export are in order, each having its own."""
    return Image.id if version_id is None else VersionImage.image_id


def select_images(
    project_id: UUID, crawl_job_id: UUID | None, options: ExportOptions
) -> Select[Image, Image, ImageVariant | None]:
    """Select the images of an export (`select_dataset_images`), with the variant if it has it."""
    statement = select_dataset_images(
        project_id,
        crawl_job_id,
        with_invalid=options.include_invalid,
        with_duplicates=options.include_duplicates,
    )
    return _join_variant(statement, options)


def select_frozen_images(
    version_id: UUID, options: ExportOptions
) -> Select[VersionImage, Image | None, ImageVariant | None]:
    """Select what a version holds, each with its image, unless that was deleted, and variant."""
    kept = original()
    statement = (
        select(VersionImage, kept)
        .select_from(VersionImage)
        .outerjoin(
            kept,
            and_(
                kept.id == VersionImage.image_id,
                kept.status == "completed",
                kept.file_path.is_not(None),
            ),
        )
        .where(VersionImage.version_id == version_id)
    )
    return _join_variant(statement, options)


def _join_variant(statement: Select[Any, Any], options: ExportOptions) -> Select[Any, Any, Any]:
    with_variant: Select[Any, Any, Any] = statement.add_columns(ImageVariant)
    if options.variant is None:
        return with_variant.outerjoin(ImageVariant, false())
    return with_variant.outerjoin(
        ImageVariant,
        and_(ImageVariant.image_id == original().id, ImageVariant.name == options.variant),
    )
