"""Change an image's label or caption."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.images.queries import load_detail
from shared.queries.visible import visible_image
from shared.schemas.images import ImageDetail, ImageUpdate


def handle(image_id: UUID, change: ImageUpdate, caller: Caller, session: Session) -> ImageDetail:
    """Update an image."""
    image = visible_image(session, caller, image_id, lock=True)
    for name, value in change.changes().items():
        setattr(image, name, value)
    session.flush()
    session.refresh(image)
    return load_detail(session, image)
