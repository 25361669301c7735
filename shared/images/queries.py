"""Images with what is known about them, and whether they can be worked on."""

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.models import Image, ImageAnalysis, ImageVariant, ValidationResult
from shared.schemas.analyses import AnalysisRead
from shared.schemas.images import (
    ImageDetail,
    ImageFilters,
    ImageValidation,
    VariantRead,
    VariantRequest,
)

# Scheme, perhaps a user, then the host: in brackets, or up to its port, path or query.
_HOST = r"^[A-Za-z]+://(?:[^/?#@]*@)?(\[[^]]*\]|[^/?#:]+)"


def extract_host(url: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """Return SQL for the host of an address, in lower case."""
    return func.lower(func.substring(url, _HOST))


def load_detail(session: Session, image: Image) -> ImageDetail:
    """Return the image with variants, latest verdict and each analyzer's latest analysis."""
    variants = session.scalars(
        select(ImageVariant).where(ImageVariant.image_id == image.id).order_by(ImageVariant.name)
    )
    verdict = session.scalar(
        select(ValidationResult)
        .where(ValidationResult.image_id == image.id)
        .order_by(ValidationResult.validation_job_id.desc())
        .limit(1)
    )
    analyses = session.scalars(
        select(ImageAnalysis)
        .where(ImageAnalysis.image_id == image.id, ImageAnalysis.status == "completed")
        .ext(distinct_on(ImageAnalysis.analyzer))
        .order_by(ImageAnalysis.analyzer, ImageAnalysis.id.desc())
    )
    requests = image.variant_requests or []
    return ImageDetail.of(
        image,
        variants=[VariantRead.of(variant) for variant in variants],
        variant_requests=[VariantRequest.model_validate(one) for one in requests],
        validation=ImageValidation.of(verdict) if verdict else None,
        analyses=[AnalysisRead.of(analysis) for analysis in analyses],
    )


def filter_images(filters: ImageFilters) -> list[ColumnElement[bool]]:
    """Return the conditions that a caller sets for images."""
    conditions: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (Image.crawl_job_id, filters.crawl_job_id),
            (Image.duplicate_of, filters.duplicate_of),
            (Image.status, filters.status),
            (Image.label, filters.label),
            (Image.format, filters.format),
        )
        if value is not None
    ]
    for flag, wanted in (
        (Image.is_valid, filters.valid),
        (Image.is_duplicate, filters.duplicate),
        (Image.rejected, filters.rejected),
    ):
        if wanted is not None:
            # Written as the partial indexes are, so that they serve the rarer answer.
            conditions.append(flag.is_(True) if wanted else ~flag)
    for side, least in ((Image.width, filters.min_width), (Image.height, filters.min_height)):
        if least is not None:
            conditions.append(side >= least)
    return conditions


def check_ready(image: Image) -> None:
    """Raise `Conflict` for an image whose content is not there yet, or never came."""
    if image.status != "completed":
        raise Conflict("The image is not ready; wait until its status is completed.")
