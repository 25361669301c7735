"""Delete an image; its stored objects go unless another image has the same content."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.calls import Caller
from shared.messaging.messages import ObjectsReleased
from shared.messaging.outbox import Outbox
from shared.models import Image, ImageVariant
from shared.queries.visible import visible_image, visible_images
from shared.storage.names import name_upload


def handle(image_id: UUID, caller: Caller, session: Session, outbox: Outbox) -> None:
    """Delete an image."""
    image = visible_image(session, caller, image_id, lock=True)
    names = list(
        session.scalars(select(ImageVariant.object).where(ImageVariant.image_id == image.id))
    )
    names.append(image.file_path or name_upload(image.project_id, image.id))
    copy = _oldest_copy(session, caller, image) if image.image_hash else None
    _make_original(session, caller, image, copy)
    session.execute(delete(Image).where(Image.id == image.id))
    if copy is not None:
        copy.image_hash = image.image_hash
    outbox.add(ObjectsReleased(project_id=image.project_id, names=names))


def _oldest_copy(session: Session, caller: Caller, image: Image) -> Image | None:
    """The image that from now on is the first of its content."""
    return session.scalar(
        visible_images(caller)
        .where(
            Image.project_id == image.project_id,
            Image.sha256 == image.sha256,
            Image.id != image.id,
        )
        .order_by(Image.id)
        .limit(1)
        .with_for_update()
    )


def _make_original(session: Session, caller: Caller, image: Image, copy: Image | None) -> None:
    """What is a duplicate of the image becomes one of an heir: its copy, or what looks alike.

    So the content, or the picture, stays in the dataset once.
    """
    duplicates = Image.duplicate_of == image.id
    heir = (
        copy
        if copy is not None and copy.duplicate_of == image.id
        else session.scalar(
            visible_images(caller).where(duplicates).order_by(Image.id).limit(1).with_for_update()
        )
    )
    if heir is None:
        return
    heir.is_duplicate = False
    heir.duplicate_of = None
    session.flush()
    session.execute(update(Image).where(duplicates).values(duplicate_of=heir.id))
