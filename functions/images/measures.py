"""Draw histograms of what was measured of a project's images."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.images.counting import limit_time
from shared.images.filters import filter_images
from shared.images.measures import measure_images
from shared.models import Image
from shared.queries.named import check_filters
from shared.queries.visible import visible_images, visible_project
from shared.schemas.browsing import ImageMeasures, MeasureQuery


def handle(
    project_id: UUID, query: MeasureQuery, caller: Caller, session: Session
) -> ImageMeasures:
    """Get histograms of images.

    Where it takes too long the answer is a 503, with advice.
    """
    project = visible_project(session, caller, project_id)
    check_filters(session, caller, query)
    images = visible_images(caller).where(Image.project_id == project.id, *filter_images(query))
    with limit_time(session):
        return measure_images(session, images, query.bins)
