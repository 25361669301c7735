"""Lead to an image's bytes, or those of a variant."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.calls import Caller, Redirect
from shared.errors import NotFound
from shared.models import ImageVariant
from shared.queries.visible import visible_image
from shared.schemas.images import ContentQuery
from shared.settings import Settings
from shared.storage.bucket import Storage


def handle(
    image_id: UUID,
    query: ContentQuery,
    caller: Caller,
    session: Session,
    storage: Storage,
    settings: Settings,
) -> Redirect:
    """Get an image's content."""
    image = visible_image(session, caller, image_id)
    name = image.file_path
    if query.variant is not None:
        name = session.scalar(
            select(ImageVariant.object).where(
                ImageVariant.image_id == image.id, ImageVariant.name == query.variant
            )
        )
        if name is None:
            raise NotFound("The image has no such variant.")
    if name is None:
        raise NotFound("The image has no content yet.")
    return Redirect(storage.sign_download_url(name, life=settings.download_life))
