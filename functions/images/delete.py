"""Delete an image; its stored objects go unless another image has the same content."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.messages import ObjectsReleased
from shared.models import Image, ImageVariant
from shared.outbox import Outbox
from shared.queries.visible import visible_image
from shared.storage_names import upload_object


def handle(image_id: UUID, caller: Caller, session: Session, outbox: Outbox) -> None:
    """Delete an image."""
    image = visible_image(session, caller, image_id, lock=True)
    names = list(
        session.scalars(select(ImageVariant.object).where(ImageVariant.image_id == image.id))
    )
    names.append(image.file_path or upload_object(image.project_id, image.id))
    duplicates = session.scalars(
        select(Image).where(Image.duplicate_of == image.id).order_by(Image.id).with_for_update()
    ).all()
    session.execute(delete(Image).where(Image.id == image.id))
    _inherit(duplicates, image)
    outbox.add(ObjectsReleased(project_id=image.project_id, names=names))


def _inherit(duplicates: Sequence[Image], gone: Image) -> None:
    """The oldest duplicate becomes the original, so that the content stays in the dataset once."""
    if not duplicates:
        return
    heir, *others = duplicates
    heir.is_duplicate = False
    heir.duplicate_of = None
    if heir.sha256 == gone.sha256:  # not so for a perceptual duplicate
        heir.image_hash = gone.image_hash
    for other in others:
        other.duplicate_of = heir.id
