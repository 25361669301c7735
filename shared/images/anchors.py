"""Cursors all along a list of images, so that a reader may begin anywhere."""

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from shared.models import Image
from shared.paging import make_cursor
from shared.schemas.images import ImageAnchors

MOST_IMAGES = 1_000_000
MOST_CURSORS = 10_000


def find_anchors(session: Session, images: Select[Image], every: int) -> ImageAnchors:
    """Return the cursor before each page of `every` of the images that a statement selects.

    Reads their ids once, up to a million of them.
    """
    most = min(MOST_IMAGES, every * MOST_CURSORS)
    ids = images.with_only_columns(Image.id).order_by(Image.id.desc()).limit(most + 1).subquery()
    position = func.row_number().over(order_by=ids.c.id.desc()).label("position")
    row = select(ids.c.id, position).subquery()
    ends = func.array_agg(aggregate_order_by(row.c.id, row.c.position))
    count, found = session.execute(
        select(func.count(), ends.filter(row.c.position % every == 0, row.c.position < most))
    ).one()
    full_pages = found or []
    if full_pages and len(full_pages) * every == count:
        full_pages = full_pages[:-1]  # nothing stands behind the last image
    return ImageAnchors(
        count=min(count, most),
        every=every,
        complete=count <= most,
        cursors=[None, *(make_cursor([Image.id], [last]) for last in full_pages)],
    )
