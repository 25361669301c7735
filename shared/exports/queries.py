"""Export jobs: which images belong to one, and how it is shown."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from shared.models import ExportJob, Image, ImageVariant
from shared.schemas.exports import ExportJobRead, ExportOptions
from shared.texts import slug


def as_answer(job: ExportJob, download_url: str | None) -> ExportJobRead:
    """Return the job as its owner sees it."""
    return ExportJobRead.of(job, download_url=download_url)


def file_name(job: ExportJob) -> str:
    """Return what the export's file is called, in the bucket and where it is downloaded to."""
    return f"{slug(job.name)}.{job.format}"


def exported(
    project_id: UUID, crawl_job_id: UUID | None, options: ExportOptions
) -> Select[Image, ImageVariant | None]:
    """The images that an export holds, each with the variant that stands for it if one does."""
    conditions: list[ColumnElement[bool]] = [
        Image.project_id == project_id,
        Image.status == "completed",
        Image.file_path.is_not(None),
    ]
    if crawl_job_id is not None:
        conditions.append(Image.crawl_job_id == crawl_job_id)
    if not options.include_invalid:
        conditions.append(Image.is_valid.is_(True))
    if not options.include_duplicates:
        conditions.append(_not_twice(crawl_job_id))
    statement: Select[Any, Any] = select(Image, ImageVariant).where(*conditions)
    if options.variant is None:
        return statement.outerjoin(ImageVariant, false())
    return statement.join(
        ImageVariant,
        and_(ImageVariant.image_id == Image.id, ImageVariant.name == options.variant),
    )


def _not_twice(crawl_job_id: UUID | None) -> ColumnElement[bool]:
    """Leaves duplicates out; of content that another crawl brought first, one stays."""
    if crawl_job_id is None:
        return ~Image.is_duplicate
    original, earlier = aliased(Image), aliased(Image)
    original_is_here = exists().where(
        original.id == Image.duplicate_of, original.crawl_job_id == crawl_job_id
    )
    earlier_is_here = exists().where(
        earlier.duplicate_of == Image.duplicate_of,
        earlier.crawl_job_id == crawl_job_id,
        earlier.id < Image.id,
    )
    return or_(~Image.is_duplicate, and_(~original_is_here, ~earlier_is_here))
