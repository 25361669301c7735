"""List a project's images, newest first."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import Image
from shared.paging import Page, paginate
from shared.queries.visible import visible_images, visible_project
from shared.schemas.images import ImageQuery, ImageRead


def handle(
    project_id: UUID, query: ImageQuery, caller: Caller, session: Session
) -> Page[ImageRead]:
    """List images."""
    project = visible_project(session, caller, project_id)
    conditions: list[ColumnElement[bool]] = [Image.project_id == project.id]
    for column, value in (
        (Image.crawl_job_id, query.crawl_job_id),
        (Image.status, query.status),
        (Image.label, query.label),
        (Image.format, query.format),
    ):
        if value is not None:
            conditions.append(column == value)
    for flag, wanted in ((Image.is_valid, query.valid), (Image.is_duplicate, query.duplicate)):
        if wanted is not None:
            # Written as the partial indexes are, so that they serve the rarer answer.
            conditions.append(flag.is_(True) if wanted else ~flag)
    for side, least in ((Image.width, query.min_width), (Image.height, query.min_height)):
        if least is not None:
            conditions.append(side >= least)
    rows, following = paginate(
        session, visible_images(caller).where(*conditions), [Image.id], query.limit, query.cursor
    )
    return Page(items=[ImageRead.of(row) for row in rows], next_cursor=following)
