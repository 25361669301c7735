"""List the signals about its use that the crawl of an image met."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import RightsRecord
from shared.queries.visible import visible_image
from shared.schemas.rights import ImageRights, RightsSignalRead


def handle(image_id: UUID, caller: Caller, session: Session) -> ImageRights:
    """Return what allowed an image to be taken; an upload has no signals."""
    image = visible_image(session, caller, image_id)
    rows = session.scalars(
        select(RightsRecord)
        .where(
            RightsRecord.id.in_(image.rights_signal_ids or []),
            RightsRecord.crawl_job_id == image.crawl_job_id,
        )
        .order_by(RightsRecord.source, RightsRecord.address, RightsRecord.id)
    )
    return ImageRights(items=[RightsSignalRead.model_validate(row) for row in rows])
