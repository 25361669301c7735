"""Count what rules would find invalid now, before a validation starts."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.images.counting import limit_time
from shared.images.filters import filter_images
from shared.models import Image
from shared.queries.named import check_filters
from shared.queries.visible import visible_images, visible_project
from shared.schemas.browsing import ValidationPreviewCreate, ValidationPreviewRead
from shared.validations.previews import count_violations


def handle(
    project_id: UUID, wanted: ValidationPreviewCreate, caller: Caller, session: Session
) -> ValidationPreviewRead:
    """Preview a validation.

    All stored images that pass the filter are judged, duplicates too; nothing is written. Where it
    takes too long the answer is a 503, with advice.
    """
    project = visible_project(session, caller, project_id)
    check_filters(session, caller, wanted.filter)
    images = visible_images(caller).where(Image.project_id == project.id)
    if wanted.filter is not None:
        images = images.where(*filter_images(wanted.filter))
    with limit_time(session):
        return count_violations(session, images, wanted.rules)
