"""Selects the images of an export, with the variant that it is to hold."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, SQLColumnExpression, and_, false, select
from sqlalchemy.orm import InstrumentedAttribute

from shared.images.selection import original, select_dataset_images, source_id
from shared.models import ExportJob, Image, ImageVariant, VerificationResult, VersionImage
from shared.schemas.exports import ExportOptions


def select_job_images(
    job: ExportJob, options: ExportOptions, recheck_id: UUID | None = None
) -> Select[*tuple[Any, ...]]:
    """Select the images of an export job, by its version where it is of one.

    `recheck_id` is the verification job that asked for their rights again.
    """
    if job.version_id is not None:
        return select_frozen_images(job.version_id, options, recheck_id)
    return select_images(job.project_id, job.crawl_job_id, options, recheck_id)


def get_position(version_id: UUID | None) -> InstrumentedAttribute[UUID]:
    """Return the column by which the images of an export are in order, each having its own."""
    return Image.id if version_id is None else VersionImage.image_id


def select_images(
    project_id: UUID,
    crawl_job_id: UUID | None,
    options: ExportOptions,
    recheck_id: UUID | None = None,
) -> Select[Image, Image, ImageVariant | None, VerificationResult | None]:
    """Select the images of an export (`select_dataset_images`), with the variant if it has it.

    With `recheck_id` those that came after the start of that verification job are not among them,
    and each has its result.
    """
    statement = select_dataset_images(
        project_id,
        crawl_job_id,
        with_invalid=options.include_invalid,
        with_duplicates=options.include_duplicates,
    )
    if recheck_id is not None:
        statement = statement.where(Image.id < recheck_id)
    return _join_variant(statement, options, recheck_id, source_id())


def select_frozen_images(
    version_id: UUID, options: ExportOptions, recheck_id: UUID | None = None
) -> Select[VersionImage, Image | None, ImageVariant | None, VerificationResult | None]:
    """Select what a version holds, each with its image, unless that was deleted, and variant.

    With `recheck_id` each has its result in that verification job.
    """
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
    return _join_variant(statement, options, recheck_id, kept.id)


def _join_variant(
    statement: Select[Any, Any],
    options: ExportOptions,
    recheck_id: UUID | None,
    source: SQLColumnExpression[UUID],
) -> Select[Any, Any, Any, Any]:
    """Join the variant, and the result of the image that the bytes are from."""
    variant: SQLColumnExpression[bool] = false()
    if options.variant is not None:
        variant = and_(ImageVariant.image_id == original().id, ImageVariant.name == options.variant)
    result: SQLColumnExpression[bool] = false()
    if recheck_id is not None:
        result = and_(
            VerificationResult.verification_job_id == recheck_id,
            VerificationResult.image_id == source,
        )
    joined: Select[Any, Any, Any, Any] = statement.add_columns(ImageVariant, VerificationResult)
    return joined.outerjoin(ImageVariant, variant).outerjoin(VerificationResult, result)
