"""Turn an uploaded file into an image of its project."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.errors import Invalid
from shared.images.rows import hash_content, make_columns
from shared.images.variants import store_variant, write_variants
from shared.imaging import ImageRejected, Inspection, Limits, inspect
from shared.messaging.messages import ObjectsReleased, UploadFinalized
from shared.messaging.outbox import Outbox
from shared.models import Image
from shared.settings import Settings
from shared.storage.bucket import Storage
from shared.storage.names import name_image, parse_upload
from shared.storage.references import lock_project
from shared.storage.writer import ObjectWriter


@dataclass(frozen=True)
class ArrivedUpload:
    """A file that an image's row waits for."""

    image_id: UUID
    project_id: UUID
    name: str
    generation: int
    size: int


def prepare(upload: UploadFinalized, session: Session, outbox: Outbox) -> ArrivedUpload | None:
    """Return the file if a row waits for it; release one that nobody waits for.

    A repeated event is recognised here, by one query, without a look at the file.
    """
    if (ids := parse_upload(upload.name)) is None:
        return None
    project_id, image_id = ids
    row = session.execute(
        select(Image.status, Image.generation).where(
            Image.id == image_id, Image.project_id == project_id
        )
    ).first()
    if row is not None and row.status == "processing":
        return ArrivedUpload(image_id, project_id, upload.name, upload.generation, upload.size)
    if row is None or row.generation != upload.generation:
        outbox.add(ObjectsReleased(project_id=project_id, names=[upload.name]))
    return None


def handle(
    file: ArrivedUpload, storage: Storage, settings: Settings, session: Session, outbox: Outbox
) -> None:
    """Ingest an upload."""
    data, found = _inspect(file, storage, settings)
    writer = ObjectWriter(storage)
    original = name_image(file.project_id, found.sha256, found.extension)
    writer.put(original, data, found.mime_type)
    thumbnail = (
        store_variant(writer, file.project_id, found.sha256, found.thumbnail)
        if found.thumbnail
        else None
    )
    image = _waiting_row(session, file)
    outbox.add(
        ObjectsReleased(
            project_id=file.project_id, names=[file.name] if image else [file.name, *writer.made]
        )
    )
    if image is None:  # deleted meanwhile, or done by another delivery
        return
    writer.check([original, thumbnail.object] if thumbnail else [original])
    _complete(session, image, found, len(data))
    image.file_path = original
    image.bucket = settings.bucket
    image.generation = file.generation
    session.flush()
    if thumbnail:
        write_variants(session, [(image.id, thumbnail)])


def _inspect(file: ArrivedUpload, storage: Storage, settings: Settings) -> tuple[bytes, Inspection]:
    """The file and what it shows. Raises `Invalid` with the reason when it is not to be used."""
    if file.size > settings.max_image_bytes:
        raise Invalid(detail=f"too_large: more than {settings.max_image_bytes} bytes")
    try:
        data = storage.read(file.name, generation=file.generation)
        return data, inspect(data, Limits(max_bytes=settings.max_image_bytes))
    except FileNotFoundError:
        raise Invalid(detail="missing: the file was deleted before it was read") from None
    except ImageRejected as error:
        raise Invalid(detail=f"{error.reason}: {error.detail}") from None


def _waiting_row(session: Session, file: ArrivedUpload) -> Image | None:
    if not lock_project(session, file.project_id):
        return None
    return session.scalar(
        select(Image)
        .where(Image.id == file.image_id, Image.status == "processing")
        .with_for_update()
    )


def _complete(session: Session, image: Image, found: Inspection, size: int) -> None:
    """Fills the row; a content that the project has already makes it a duplicate."""
    image_hash = hash_content(image.user_id, found.sha256)
    # Of two uploads with the same content at the same time, one waits here for the other.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(image_hash, 0))))
    first = session.scalar(
        select(func.coalesce(Image.duplicate_of, Image.id)).where(
            Image.project_id == image.project_id, Image.image_hash == image_hash
        )
    )
    for name, value in make_columns(found, size).items():
        setattr(image, name, value)
    image.image_hash = None if first else image_hash
    image.is_duplicate = first is not None
    image.duplicate_of = first
    image.status = "completed"
