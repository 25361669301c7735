"""Turn an uploaded file into an image of its project."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.errors import Invalid
from shared.images.deduplication import fill_upload
from shared.images.originals import find_distance, lock_contents
from shared.images.rows import hash_content, make_columns, make_credit_columns
from shared.images.succession import send_inheritances_of_changes
from shared.images.variants import store_variant, write_variants
from shared.imaging import ImageRejected, Inspection, Limits, inspect
from shared.imaging.embedded_rights import read_embedded_rights
from shared.messaging.messages import ObjectsReleased, UploadFinalized
from shared.messaging.outbox import Outbox
from shared.models import Image
from shared.rights.embedded import FileRights
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
) -> str | None:
    """Ingest an upload."""
    data, found, rights = _inspect(file, storage, settings)
    writer = ObjectWriter(storage)
    original = name_image(file.project_id, found.sha256, found.extension)
    writer.put(original, data, found.mime_type)
    thumbnail = (
        store_variant(writer, file.project_id, found.sha256, found.thumbnail)
        if found.thumbnail
        else None
    )
    image = _lock_waiting_row(session, file)
    outbox.add(
        ObjectsReleased(
            project_id=file.project_id, names=[file.name] if image else [file.name, *writer.made]
        )
    )
    if image is None:  # deleted meanwhile, or done by another delivery
        return None
    writer.check([original, thumbnail.object] if thumbnail else [original])
    row = {
        **make_columns(found, len(data)),
        "id": image.id,
        "project_id": image.project_id,
        "image_hash": hash_content(image.user_id, found.sha256),
        **make_credit_columns(rights, image.license, image.attribution),
        "file_path": original,
        "bucket": settings.bucket,
        "generation": file.generation,
        "status": "completed",
        "is_duplicate": False,
        "duplicate_of": None,
    }
    insertion = fill_upload(session, row, find_distance(session, image.project_id))
    if refusal := insertion.refused.get(image.id):
        reason = f"{refusal.reason}: {refusal.detail}"
        outbox.add(ObjectsReleased(project_id=file.project_id, names=writer.made))
        _fail(session, file, reason)
        return reason
    send_inheritances_of_changes(session, outbox, image.project_id, insertion.changes)
    if thumbnail:
        write_variants(session, [(image.id, thumbnail)])
    return None


def _inspect(
    file: ArrivedUpload, storage: Storage, settings: Settings
) -> tuple[bytes, Inspection, FileRights]:
    """Return the file, its inspection, and whose it says that it is.

    What it says about its use refuses nothing: who uploads it answers for it. Raises `Invalid` with
    the reason for which the file is refused.
    """
    limits = Limits(max_bytes=settings.max_image_bytes)
    if file.size > settings.max_image_bytes:
        raise Invalid(detail=f"too_large: more than {settings.max_image_bytes} bytes")
    try:
        data = storage.read(file.name, generation=file.generation)
        found = inspect(data, limits)
        return data, found, read_embedded_rights(data, found, limits, file.name)
    except FileNotFoundError:
        raise Invalid(detail="missing: the file was deleted before it was read") from None
    except ImageRejected as error:
        raise Invalid(detail=f"{error.reason}: {error.detail}") from None


def _lock_waiting_row(session: Session, file: ArrivedUpload) -> Any | None:
    """Lock project and contents, and return the row of the image that waits for the file."""
    if not lock_project(session, file.project_id):
        return None
    alone = find_distance(session, file.project_id) is not None
    lock_contents(session, file.project_id, alone=alone, patient=True)
    return session.execute(
        select(Image.id, Image.project_id, Image.user_id, Image.license, Image.attribution)
        .where(Image.id == file.image_id, Image.status == "processing")
        .with_for_update()
    ).first()


def _fail(session: Session, file: ArrivedUpload, reason: str) -> None:
    session.execute(
        update(Image)
        .where(Image.id == file.image_id)
        .values(status="failed", is_valid=False, failure_reason=reason, generation=file.generation)
        .execution_options(synchronize_session=False)
    )
