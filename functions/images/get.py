"""Show one image with its variants, validation and latest analyses."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Answer, Caller
from shared.images.queries import find_thumbnails, load_detail
from shared.queries.visible import visible_image
from shared.schemas.images import DetailQuery, ImageDetail
from shared.settings import Settings
from shared.storage.bucket import Storage


@dataclass(frozen=True)
class UnsignedDetail:
    """An image, and its objects by the fields that show their addresses."""

    image: ImageDetail
    objects: dict[str, str]


def prepare(
    image_id: UUID, query: DetailQuery, caller: Caller, session: Session
) -> Answer[ImageDetail] | UnsignedDetail:
    """Read the image."""
    image = visible_image(session, caller, image_id)
    detail = load_detail(session, image)
    if not query.thumbnails:
        return Answer(detail)
    thumbnail = find_thumbnails(session, [image.id]).get(image.id)
    objects = {"thumbnail_url": thumbnail, "content_url": image.file_path}
    return UnsignedDetail(detail, {field: name for field, name in objects.items() if name})


def handle(found: UnsignedDetail, storage: Storage, settings: Settings) -> ImageDetail:
    """Get an image."""
    urls = storage.sign_view_urls(list(found.objects.values()), life=settings.download_life)
    return found.image.model_copy(update=dict(zip(found.objects, urls, strict=True)))
