"""Finds the categories of an export as COCO describes data: those that its annotations name."""

from uuid import UUID

from sqlalchemy import ColumnElement, Text, case, cast, func, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, distinct_on
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.exports.queries import MAX_CLASSES
from shared.exports.selection import select_job_images
from shared.images.selection import original
from shared.models import ExportJob, Image, ImageAnalysis, VerificationResult, VersionImage
from shared.schemas.exports import ExportOptions


def find_categories(
    session: Session, job: ExportJob, recheck_id: UUID | None = None
) -> list[str] | None:
    """Return the names of objects, and the labels of images without boxes, in order of their bytes.

    None where the export's layout has no categories. Raises `Conflict` when they are more than
    10,000.
    """
    options = ExportOptions.model_validate(job.export_options)
    if options.layout != "coco" or job.format not in ("zip", "tar"):
        return None
    frozen = job.version_id is not None
    label = VersionImage.label if frozen else func.coalesce(Image.label, original().label)
    objects = _select_frozen_objects() if frozen else _select_objects()
    images = (
        select_job_images(job, options, recheck_id)
        .with_only_columns(label.label("label"), objects.label("objects"))
        .where(VerificationResult.outcome.is_distinct_from("opted_out"))
        .subquery()
    )
    names = case(
        (images.c.objects.is_(None), func.jsonb_build_array(images.c.label)),
        else_=func.jsonb_path_query_array(images.c.objects, cast("$[*].label", JSONPATH)),
    )
    named = select(func.jsonb_array_elements_text(names).label("name")).subquery()
    # By bytes: the order of a locale may change with its library.
    name: ColumnElement[str] = cast(named.c.name, Text).collate("C").label("name")
    found = select(name).where(named.c.name.is_not(None)).distinct().order_by(name)
    categories = list(session.scalars(found.limit(MAX_CLASSES + 1)))
    if len(categories) > MAX_CLASSES:
        raise Conflict(
            f"The images and their objects have more than {MAX_CLASSES} names: readers do not take "
            "so many for categories. Export crawl jobs one by one, or in another layout."
        )
    return categories


def _select_objects() -> ColumnElement[object]:
    """Select the objects of an original, as `shared.exports.boxes.find_detection` chooses them."""
    analysis, kept = ImageAnalysis, original()
    latest = (
        select(analysis.analyzer, analysis.objects)
        .where(analysis.image_id == kept.id, analysis.status == "completed")
        .ext(distinct_on(analysis.analyzer))
        .order_by(analysis.analyzer, analysis.id.desc())
        .correlate(kept)
        .lateral("latest")
    )
    return (
        select(latest.c.objects)
        .where(latest.c.objects.is_not(None))
        .order_by(latest.c.analyzer.collate("C"))
        .limit(1)
        .scalar_subquery()
    )


def _select_frozen_objects() -> ColumnElement[object]:
    """Select the same of what a version holds."""
    said = func.jsonb_each(
        case(
            (
                func.jsonb_typeof(VersionImage.record["analyses"]) == "object",
                VersionImage.record["analyses"],
            )
        )
    ).table_valued("key", "value", name="said")
    objects = type_coerce(said.c.value, JSONB)["objects"]
    return (
        select(objects)
        .where(func.jsonb_typeof(objects) == "array")
        .order_by(said.c.key.collate("C"))
        .limit(1)
        .correlate(VersionImage)
        .scalar_subquery()
    )
