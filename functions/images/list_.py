"""List a project's images, newest first."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.images.filters import filter_images
from shared.models import Image
from shared.paging import Page, paginate
from shared.queries.visible import visible_images, visible_project
from shared.schemas.images import ImageQuery, ImageRead


def handle(
    project_id: UUID, query: ImageQuery, caller: Caller, session: Session
) -> Page[ImageRead]:
    """List images."""
    project = visible_project(session, caller, project_id)
    images = visible_images(caller).where(Image.project_id == project.id, *filter_images(query))
    rows, following = paginate(session, images, [Image.id], query.limit, query.cursor)
    return Page(items=[ImageRead.of(row) for row in rows], next_cursor=following)
