"""Find the cursors of all pages of a project's images."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.images.anchors import find_anchors
from shared.images.filters import filter_images
from shared.models import Image
from shared.queries.named import check_filters
from shared.queries.visible import visible_images, visible_project
from shared.schemas.images import AnchorQuery, ImageAnchors


def handle(project_id: UUID, query: AnchorQuery, caller: Caller, session: Session) -> ImageAnchors:
    """List cursors of images.

    With `cursors[k]` and the same filters, the list of images answers from image `k * every` on.
    They lead to up to 1,000,000 images, and there are up to 10,000 of them.
    """
    project = visible_project(session, caller, project_id)
    check_filters(session, caller, query)
    images = visible_images(caller).where(Image.project_id == project.id, *filter_images(query))
    return find_anchors(session, images, query.every)
