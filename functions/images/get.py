"""Show one image with its variants, validation and latest analyses."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.images.queries import load_detail
from shared.queries.visible import visible_image
from shared.schemas.images import ImageDetail


def handle(image_id: UUID, caller: Caller, session: Session) -> ImageDetail:
    """Get an image."""
    return load_detail(session, visible_image(session, caller, image_id))
