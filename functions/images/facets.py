"""Count a project's images by what they can be filtered by."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.images.counting import limit_time
from shared.images.facets import count_facets
from shared.models import Image
from shared.queries.named import check_filters
from shared.queries.visible import visible_images, visible_project
from shared.schemas.browsing import FacetQuery, ImageFacets


def handle(project_id: UUID, query: FacetQuery, caller: Caller, session: Session) -> ImageFacets:
    """Count images by property.

    Where it takes too long the answer is a 503, with advice.
    """
    project = visible_project(session, caller, project_id)
    check_filters(session, caller, query)
    images = visible_images(caller).where(Image.project_id == project.id)
    with limit_time(session):
        return count_facets(session, images, query)
