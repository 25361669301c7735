"""Turn an uploaded file into an image of its project."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import Invalid
from shared.failures import uploaded_image
from shared.image_rows import content_hash, measures, thumbnail_object
from shared.imaging import THUMBNAIL, ImageRejected, Inspection, Limits, inspect
from shared.messages import ImagesStored, ObjectsReleased, UploadFinalized
from shared.models import Image, ImageVariant
from shared.outbox import Outbox
from shared.settings import Settings
from shared.storage import Storage
from shared.storage_names import image_object


@dataclass(frozen=True)
class Waiting:
    """A row that waits for the file that has arrived."""

    image_id: UUID
    project_id: UUID
    user_id: UUID
    name: str
    generation: int
    size: int


def expect(upload: UploadFinalized, session: Session) -> Waiting | None:
    """The row that the file is for; None when it is not ours, or done already.

    A repeated event is recognised here, by one query, without a look at the file.
    """
    image_id = uploaded_image(upload.name)
    row = session.get(Image, image_id) if image_id else None
    if row is None or row.status != "processing" or str(row.project_id) not in upload.name:
        return None
    return Waiting(row.id, row.project_id, row.user_id, upload.name, upload.generation, upload.size)


def handle(
    waiting: Waiting, storage: Storage, settings: Settings, session: Session, outbox: Outbox
) -> None:
    """Ingest an upload."""
    if waiting.size > settings.max_image_bytes:
        raise Invalid(detail=f"too_large: more than {settings.max_image_bytes} bytes")
    try:
        data = storage.read(waiting.name, generation=waiting.generation)
    except FileNotFoundError:
        raise Invalid(detail="missing: the file was deleted before it was read") from None
    try:
        found = inspect(data, Limits(max_bytes=settings.max_image_bytes))
    except ImageRejected as error:
        raise Invalid(detail=f"{error.reason}: {error.detail}") from None
    original = image_object(waiting.project_id, found.sha256, found.extension)
    thumbnail = thumbnail_object(waiting.project_id, found)
    storage.put_once(original, data, found.mime_type)
    if found.thumbnail:
        storage.put_once(thumbnail, found.thumbnail.data, found.thumbnail.mime_type)
    image = session.scalar(
        select(Image)
        .where(Image.id == waiting.image_id, Image.status == "processing")
        .with_for_update()
    )
    if image is None:  # deleted meanwhile, and its objects with it but for these
        outbox.add(ObjectsReleased(project_id=waiting.project_id, names=[original, thumbnail]))
        return
    _complete(session, image, found, len(data), original, thumbnail)
    image.generation = waiting.generation
    outbox.add(ImagesStored(project_id=image.project_id, image_ids=[image.id]))
    outbox.add(ObjectsReleased(project_id=image.project_id, names=[waiting.name]))


def _complete(
    session: Session, image: Image, found: Inspection, size: int, original: str, thumbnail: str
) -> None:
    image_hash = content_hash(image.user_id, found.sha256)
    first = session.scalar(
        select(Image.id).where(Image.project_id == image.project_id, Image.image_hash == image_hash)
    )
    for name, value in measures(found, size).items():
        setattr(image, name, value)
    image.file_path = original
    image.image_hash = None if first else image_hash
    image.is_duplicate = first is not None
    image.duplicate_of = first
    image.status = "completed"
    if found.thumbnail:
        image.processed_path = thumbnail
        session.add(
            ImageVariant(
                image_id=image.id,
                name=THUMBNAIL.name,
                spec=THUMBNAIL.model_dump(mode="json", exclude={"name"}),
                object=thumbnail,
                width=found.thumbnail.width,
                height=found.thumbnail.height,
                file_size=len(found.thumbnail.data),
            )
        )
    session.flush()
