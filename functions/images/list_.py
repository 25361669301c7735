"""List a project's images, newest first."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Answer, Caller
from shared.images.filters import filter_images
from shared.images.queries import find_thumbnails
from shared.models import Image
from shared.paging import Page, paginate
from shared.queries.named import check_filters
from shared.queries.visible import visible_images, visible_project
from shared.schemas.images import ImageQuery, ListedImage
from shared.settings import Settings
from shared.storage.bucket import Storage


@dataclass(frozen=True)
class UnsignedPage:
    """A page, and the objects of those of its thumbnails that there are."""

    page: Page[ListedImage]
    thumbnails: dict[UUID, str]


def prepare(
    project_id: UUID, query: ImageQuery, caller: Caller, session: Session
) -> Answer[Page[ListedImage]] | UnsignedPage:
    """Read the page."""
    project = visible_project(session, caller, project_id)
    check_filters(session, caller, query)
    images = visible_images(caller).where(Image.project_id == project.id, *filter_images(query))
    rows, following = paginate(session, images, [Image.id], query.limit, query.cursor)
    items = [ListedImage.of(row, thumbnail_url=None) for row in rows]
    page = Page[ListedImage](items=items, next_cursor=following)
    if not query.thumbnails:
        return Answer(page)
    return UnsignedPage(page, find_thumbnails(session, [row.id for row in rows]))


def handle(found: UnsignedPage, storage: Storage, settings: Settings) -> Page[ListedImage]:
    """List images.

    With `thumbnails` the same image has the same address for five minutes, so that browsers need
    not fetch it again.
    """
    urls = storage.sign_view_urls(list(found.thumbnails.values()), life=settings.download_life)
    by_image = dict(zip(found.thumbnails, urls, strict=True))
    items = [
        item.model_copy(update={"thumbnail_url": by_image.get(item.id)})
        for item in found.page.items
    ]
    return Page(items=items, next_cursor=found.page.next_cursor)
