"""Rows that queries and bodies name by their ids: the caller's own, or absent as on a path."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.errors import NotFound
from shared.models import Image
from shared.queries.visible import (
    visible_crawl_job,
    visible_image,
    visible_images,
    visible_model,
    visible_version,
)
from shared.schemas.images import ImageFilters

MODEL = "model:"  # before a model's id, in the name of an analyzer
_MOST_NAMED = 100  # of the ids that are wrong


def check_filters(session: Session, caller: Caller, filters: ImageFilters | None) -> None:
    """Raise `NotFound` unless the crawl job, image, version and model of filters are there."""
    if filters is None:
        return
    if filters.crawl_job_id is not None:
        visible_crawl_job(session, caller, filters.crawl_job_id)
    if filters.duplicate_of is not None:
        visible_image(session, caller, filters.duplicate_of)
    version_id: UUID | None = getattr(filters, "version_id", None)
    if version_id is not None:
        visible_version(session, caller, version_id)
    if filters.analyzer is not None:
        check_analyzers(session, caller, [filters.analyzer])


def check_analyzers(session: Session, caller: Caller, names: Iterable[str]) -> None:
    """Raise `NotFound` unless the models among analyzers are there."""
    for name in names:
        model_id = find_model_id(name)
        if model_id is not None:
            visible_model(session, caller, model_id)


def find_model_id(analyzer: str) -> UUID | None:
    """Return the id of the model that an analyzer is, or None for another."""
    if not analyzer.startswith(MODEL):
        return None
    try:
        return UUID(analyzer.removeprefix(MODEL))
    except ValueError:
        return None


def check_images(
    session: Session, caller: Caller, image_ids: Sequence[UUID], project_id: UUID | None = None
) -> None:
    """Raise `NotFound`, with the places of those that are not there, unless all images are.

    With `project_id` they must be the project's.
    """
    images = visible_images(caller).where(Image.id.in_(image_ids))
    if project_id is not None:
        images = images.where(Image.project_id == project_id)
    known = set(session.scalars(images.with_only_columns(Image.id)))
    unknown = [place for place, one in enumerate(image_ids) if one not in known]
    if unknown:
        detail = "is no image" if project_id is None else "is no image of this project"
        raise NotFound(
            errors=[
                {"pointer": f"/image_ids/{place}", "detail": detail}
                for place in unknown[:_MOST_NAMED]
            ]
        )
