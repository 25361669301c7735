"""List the signals about its use that were met when an image was taken, and when verified."""

from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.models import RightsRecord, VerificationResult
from shared.queries.visible import visible_image
from shared.schemas.rights import ImageRights, RightsSignalRead


def handle(image_id: UUID, caller: Caller, session: Session) -> ImageRights:
    """Return what allowed an image to be taken, and what its latest verification met.

    An upload has no signals.
    """
    image = visible_image(session, caller, image_id)
    later = session.execute(
        select(VerificationResult.rights_signal_ids, VerificationResult.verification_job_id)
        .where(VerificationResult.image_id == image.id, VerificationResult.outcome.is_not(None))
        .order_by(VerificationResult.verification_job_id.desc())
        .limit(1)
    ).first()
    met = [
        and_(
            RightsRecord.id.in_(image.rights_signal_ids or []),
            RightsRecord.verification_job_id.is_(None),
            RightsRecord.crawl_job_id == image.crawl_job_id,
        )
    ]
    if later is not None:
        # An image of the same address, of another crawl maybe, may have been asked for instead.
        ids, job_id = later
        met.append(and_(RightsRecord.id.in_(ids or []), RightsRecord.verification_job_id == job_id))
    rows = session.scalars(
        select(RightsRecord)
        .where(or_(*met))
        .order_by(
            RightsRecord.verification_job_id.is_not(None),
            RightsRecord.source,
            RightsRecord.address,
            RightsRecord.id,
        )
    )
    return ImageRights(items=[RightsSignalRead.model_validate(row) for row in rows])
