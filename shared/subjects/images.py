"""Images, as subjects of messages."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.images.variant_requests import fail_requests
from shared.imaging.variants import Variant
from shared.messaging.messages import (
    BucketEvent,
    ObjectsReleased,
    UploadFinalized,
    VariantsRequested,
)
from shared.messaging.outbox import Outbox
from shared.models import Image
from shared.storage.names import parse_upload
from shared.subjects.subject import Owner, Subject, Subjects


def _select_owner(image_id: UUID | None) -> Owner:
    return select(Image.user_id, Image.crawl_job_id, Image.id.label("image_id")).where(
        Image.id == image_id
    )


def _select_owner_of_upload(message: BucketEvent) -> Owner:
    ids = parse_upload(message.name)
    return _select_owner(ids[1] if ids else None)


def _fail_upload(session: Session, message: BucketEvent, reason: str, outbox: Outbox) -> None:
    """Fail the image and release its file, which is of no use to anybody."""
    if (ids := parse_upload(message.name)) is None:
        return
    project_id, image_id = ids
    session.execute(
        update(Image)
        .where(Image.id == image_id, Image.project_id == project_id, Image.status == "processing")
        .values(
            status="failed",
            is_valid=False,
            failure_reason=reason,
            generation=message.generation,
        )
    )
    outbox.add(ObjectsReleased(project_id=project_id, names=[message.name]))


def _fail_variants(
    session: Session, message: VariantsRequested, reason: str, outbox: Outbox
) -> None:
    of_project = Image.project_id == message.project_id
    ids = session.scalars(select(Image.id).where(Image.id.in_(message.image_ids), of_project))
    variants = [Variant.model_validate(variant) for variant in message.variants]
    fail_requests(session, dict.fromkeys(ids, reason), variants)


SUBJECTS: Subjects = {
    UploadFinalized: Subject(_select_owner_of_upload, _fail_upload),
    VariantsRequested: Subject(lambda message: _select_owner(message.image_ids[0]), _fail_variants),
}
