"""Find images of the project that look like this one, nearest first."""

from uuid import UUID

from sqlalchemy import BigInteger, cast
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.images.similarity import hamming_distance, looks_like
from shared.models import Image
from shared.paging import Page
from shared.queries.visible import visible_image, visible_images
from shared.schemas.images import SimilarImage, SimilarQuery


def handle(
    image_id: UUID, query: SimilarQuery, caller: Caller, session: Session
) -> Page[SimilarImage]:
    """Find similar images; none for an image that has not been processed."""
    image = visible_image(session, caller, image_id)
    if image.phash is None:
        return Page(items=[], next_cursor=None)
    distance = hamming_distance(Image.phash, cast(image.phash, BigInteger)).label("distance")
    rows = session.execute(
        visible_images(caller)
        .add_columns(distance)
        .where(
            Image.project_id == image.project_id,
            Image.id != image.id,
            looks_like(image.phash, query.max_distance),
        )
        .order_by(distance, Image.id)
        .limit(query.limit)
    )
    items = [SimilarImage.of(found, distance=bits) for found, bits in rows]
    return Page(items=items, next_cursor=None)
